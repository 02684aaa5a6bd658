package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

// confirm asks on a terminal to type a word. Without a terminal nobody can be asked, so it takes the flag --yes.
func (p *program) confirm(ctx context.Context, question, word string) error {
	if !p.isTerminal(p.stdin) || !p.isTerminal(p.stderr) {
		return usagef("there is no terminal to ask for confirmation on; add --yes to do it without")
	}
	fmt.Fprintf(p.stderr, "%s\nType %s to confirm: ", printable(question), printable(word))
	answer := make(chan string, 1)
	go func() { // a read cannot be interrupted
		line, _ := bufio.NewReader(p.stdin).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(p.stderr)
		return ctx.Err()
	case line := <-answer:
		if line != word {
			return errors.New("nothing was deleted: what was typed is not " + word)
		}
	}
	return nil
}
