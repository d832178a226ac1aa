package tools

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const svgNamespace = "http://www.w3.org/2000/svg"

// svgShapes are the elements of SVG 1.1 that only draw.
var svgShapes = []string{
	"svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
	"text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask",
}

// checkSVG says what keeps data from being a picture that only draws.
func checkSVG(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	elements := 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && elements == 0:
			return errors.New("there is no picture")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading it: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if err := checkSVGElement(token, elements == 0); err != nil {
				return err
			}
			elements++
		case xml.Directive, xml.ProcInst:
			return errors.New("there is something beside elements")
		}
	}
}

func checkSVGElement(e xml.StartElement, first bool) error {
	if e.Name.Space != svgNamespace || !slices.Contains(svgShapes, e.Name.Local) {
		return fmt.Errorf("<%s> is no shape of SVG", e.Name.Local)
	}
	if first && e.Name.Local != "svg" {
		return errors.New("it does not begin with <svg>")
	}
	for _, a := range e.Attr {
		name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
		// A style can hold all that attributes can, in a language of its own.
		if strings.HasPrefix(name, "on") || name == "href" || name == "style" ||
			strings.Count(value, "url(") != strings.Count(value, "url(#") {
			return fmt.Errorf("the attribute %s is not one of a shape alone", a.Name.Local)
		}
	}
	return nil
}
