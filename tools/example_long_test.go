package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// docs:begin

// IndexPagesInput is what index_pages takes.
type IndexPagesInput struct {
	Pages int `json:"pages" jsonschema:"how many pages, from 1 to 1000"`
}

// IndexPagesOutput is what index_pages gives.
type IndexPagesOutput struct {
	Indexed int `json:"indexed" jsonschema:"how many pages were put into the index"`
}

// IndexPages returns the tool index_pages. index puts one page into the index.
func IndexPages(index func(ctx context.Context, page int) error) tools.Tool {
	return tools.Define("index_pages", tools.Options{
		Title:       "Index pages",
		Description: "Puts the first pages of the handbook into the index, which takes about a second for each.",
		Annotations: tools.Annotations{Additive: true, Idempotent: true, Closed: true},
	}, func(ctx context.Context, caller tools.Caller, in IndexPagesInput) (out IndexPagesOutput, err error) {
		if in.Pages < 1 || in.Pages > 1000 {
			return out, tools.Errorf("pages must be from 1 to 1000")
		}
		for page := 1; page <= in.Pages; page++ {
			err := index(ctx, page)
			switch {
			case ctx.Err() != nil:
				return out, ctx.Err() // nobody waits for the answer any more
			case err != nil:
				_ = caller.Log(ctx, "warning", fmt.Sprintf("page %d cannot be read", page))
			default:
				out.Indexed++
			}
			_ = caller.Progress(ctx, float64(page), float64(in.Pages), fmt.Sprintf("page %d", page))
		}
		return out, nil
	})
}

// docs:end

// printer is a client that prints what it is sent.
type printer struct{ tools.Client }

func (printer) Progress(_ context.Context, done, total float64, text string) error {
	fmt.Printf("progress: %v of %v, %s\n", done, total, text)
	return nil
}

func (printer) Log(_ context.Context, level mcp.LoggingLevel, data any) error {
	fmt.Printf("%s: %v\n", level, data)
	return nil
}

func ExampleCaller_Progress() {
	tool := IndexPages(func(_ context.Context, page int) error {
		if page == 2 {
			return errors.New("broken")
		}
		return nil
	})
	result, err := tool.Call(context.Background(), tools.Caller{Client: printer{}}, json.RawMessage(`{"pages":3}`))
	fmt.Println(text(result), err)
	// Output:
	// progress: 1 of 3, page 1
	// warning: page 2 cannot be read
	// progress: 2 of 3, page 2
	// progress: 3 of 3, page 3
	// {"indexed":2} <nil>
}

// A call that is cancelled stops where it is. The twin goes on to its end.
func TestLongToolStops(t *testing.T) {
	for _, cancelledAt := range []int{2, 0} {
		t.Run(fmt.Sprint(cancelledAt), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := 0
			tool := IndexPages(func(ctx context.Context, page int) error {
				if page == cancelledAt {
					cancel()
					return ctx.Err()
				}
				done++
				return nil
			})
			_, err := tool.Call(ctx, tools.Caller{}, json.RawMessage(`{"pages":5}`))
			if stopped := errors.Is(err, context.Canceled); stopped != (cancelledAt > 0) {
				t.Errorf("error = %v", err)
			}
			if want := map[int]int{2: 1, 0: 5}[cancelledAt]; done != want {
				t.Errorf("%d pages, want %d", done, want)
			}
		})
	}
}

// text is the first text of a result.
func text(result *mcp.CallToolResult) string { return result.Content[0].(*mcp.TextContent).Text }
