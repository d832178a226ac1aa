package faults_test

import (
	"errors"
	"testing"

	"mcp-resource-server/internal/faults"
)

func TestList(t *testing.T) {
	var none, inner, all faults.List
	if err := none.Err(); err != nil {
		t.Errorf("an empty list is the error %v", err)
	}
	inner.Add("addr", "must be %s", "host:port")
	all.Add("log.level", "is unknown")
	all.Under("http", inner)
	all.Under("mcp", none)
	err := all.Err()
	if want := "log.level: is unknown\nhttp.addr: must be host:port"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	var list faults.List
	if !errors.As(err, &list) || len(list) != 2 || list[1].Path != "http.addr" {
		t.Errorf("as a list: %+v", list)
	}
}
