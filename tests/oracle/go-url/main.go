// Says what Go's net/url makes of URLs: reads one URL a line, in hexadecimal, and writes one line for each: what
// url.Parse says, a bar, what url.ParseRequestURI says.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
)

func verdict(u *url.URL, err error) string {
	if err != nil {
		return "refused"
	}
	return fmt.Sprintf("%s opaque=%x user=%v host=%x hostname=%x port=%s path=%x query=%x force=%v fragment=%x omit=%v",
		u.Scheme, u.Opaque, u.User != nil, u.Host, u.Hostname(), u.Port(), u.Path, u.RawQuery, u.ForceQuery, u.Fragment, u.OmitHost)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		text, err := hex.DecodeString(lines.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, verdict(url.Parse(string(text))), "|", verdict(url.ParseRequestURI(string(text))))
	}
}
