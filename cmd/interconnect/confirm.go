package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

// checkTerminal returns an error where there is no terminal to ask on.
func (p *program) checkTerminal() error {
	if !p.isTerminal(p.stdin) || !p.isTerminal(p.stderr) {
		return usagef("there is no terminal to ask for confirmation on; add --yes to do it without")
	}
	return nil
}

// confirm shows a text, which ends with a line break, and asks on a terminal to type a word. If that is not what is typed, the error
// begins with what has not happened. Without a terminal there is no one to ask; see checkTerminal.
func (p *program) confirm(ctx context.Context, text, word, nothing string) error {
	if err := p.checkTerminal(); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "%sType %s to confirm: ", text, printable(word))
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
			return errors.New(nothing + ": what was typed is not " + word)
		}
	}
	return nil
}
