// Says of a dashboard's file what Grafana's own types do not take: a field that they do not know, one that is missing, a
// value of another type. Prints nothing where all is well.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins() // the kinds of panels, and Prometheus' queries
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var read dashboard.Dashboard
	for _, err := range []error{read.UnmarshalJSONStrict(text), read.Validate()} {
		if err != nil && err.Error() != "" { // an empty list of faults is no nil
			fmt.Println(err)
		}
	}
}
