package conformance

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
)

// picture is a PNG file of one blue pixel.
func picture() []byte {
	pixel := image.NewRGBA(image.Rect(0, 0, 1, 1))
	pixel.Set(0, 0, color.RGBA{B: 255, A: 255})
	var file bytes.Buffer
	if err := png.Encode(&file, pixel); err != nil {
		panic("encoding one pixel: " + err.Error())
	}
	return file.Bytes()
}

// sound is a WAV file of four samples of silence: mono, 8 kHz, 16 bits.
func sound() []byte {
	const rate, width, samples = 8000, 2, 4
	var data [samples * width]byte
	file := []byte("RIFF")
	file = binary.LittleEndian.AppendUint32(file, uint32(36+len(data))) // what follows
	file = append(file, "WAVEfmt "...)
	file = binary.LittleEndian.AppendUint32(file, 16) // the size of the format
	file = binary.LittleEndian.AppendUint16(file, 1)  // PCM
	file = binary.LittleEndian.AppendUint16(file, 1)  // channels
	file = binary.LittleEndian.AppendUint32(file, rate)
	file = binary.LittleEndian.AppendUint32(file, rate*width)
	file = binary.LittleEndian.AppendUint16(file, width)
	file = binary.LittleEndian.AppendUint16(file, 8*width)
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(data)))
	return append(file, data[:]...)
}
