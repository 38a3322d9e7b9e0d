// Reads what libs/audit-log writes, and shares nothing with it: docs/audit-format.md and the packages with which Go verifies its
// checksum database (golang.org/x/mod/sumdb/note and /tlog).
//
//	log-reader KEYS EXPORT CHECKPOINT PROOF REQUEST OLD-CHECKPOINT
//
// prints a line for each thing that it checks, "ok" or what is wrong, and exits with 1 where anything is.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var failed = false

func say(what string, err error) {
	if err != nil {
		failed = true
		fmt.Printf("%s: %v\n", what, err)
		return
	}
	fmt.Printf("%s: ok\n", what)
}

func read(n int) []byte {
	data, err := os.ReadFile(os.Args[n])
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	return data
}

// cosigner verifies cosignature/v1 of C2SP tlog-cosignature, which sumdb/note does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(message), sig[8:])
}

func newVerifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("no vkey")
	}
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if data[0] != 4 {
		return note.NewVerifier(vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] || len(data) != 1+ed25519.PublicKeySize {
		return nil, errors.New("the id does not fit")
	}
	return &cosigner{parts[0], hash, data[1:]}, nil
}

type head struct {
	origin string
	size   int64
	root   tlog.Hash
}

func open(data []byte, verifiers []note.Verifier) (head, int, error) {
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return head{}, 0, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 {
		return head{}, 0, errors.New("not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return head{}, 0, err
	}
	root, err := tlog.ParseHash(lines[2])
	return head{lines[0], size, root}, len(opened.Sigs), err
}

// hashes reads the lines between the first and the empty one, and what comes after that.
func hashes(data []byte, skip int) (first []string, found []tlog.Hash, rest []byte, err error) {
	top, rest, _ := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(top), "\n")
	if len(lines) < skip {
		return nil, nil, nil, errors.New("too few lines")
	}
	for _, line := range lines[skip:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, nil, nil, err
		}
		found = append(found, hash)
	}
	return lines[:skip], found, rest, nil
}

var entry = regexp.MustCompile(`^\{"event":(.*),"index":(\d+),"leafHash":"([^"]{44})"\}$`)

func readExport(data []byte) ([]tlog.Hash, tlog.HashReaderFunc, error) {
	var leaves, stored []tlog.Hash
	reader := func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, errors.New("the export ends before that")
			}
			found[i] = stored[index]
		}
		return found, nil
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		parts := entry.FindStringSubmatch(line)
		if parts == nil || parts[2] != strconv.Itoa(len(leaves)) {
			return nil, nil, fmt.Errorf("line %d is not this entry", len(leaves)+1)
		}
		hash := tlog.RecordHash([]byte(parts[1]))
		if hash.String() != parts[3] {
			return nil, nil, fmt.Errorf("line %d has another leaf hash", len(leaves)+1)
		}
		more, err := tlog.StoredHashesForRecordHash(int64(len(leaves)), hash, tlog.HashReaderFunc(reader))
		if err != nil {
			return nil, nil, err
		}
		leaves, stored = append(leaves, hash), append(stored, more...)
	}
	return leaves, reader, nil
}

func sameRoot(at head, reader tlog.HashReader) error {
	root, err := tlog.TreeHash(at.size, reader)
	if err == nil && root != at.root {
		err = errors.New("the root is another one")
	}
	return err
}

func checkProof(data []byte, verifiers []note.Verifier, leaves []tlog.Hash) error {
	lines, proof, checkpoint, err := hashes(data, 3)
	if err != nil {
		return err
	}
	event, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("no proof")
	}
	at, _, err := open(checkpoint, verifiers)
	if err != nil {
		return err
	}
	hash := tlog.RecordHash(event)
	if index >= int64(len(leaves)) || leaves[index] != hash {
		return errors.New("the export has another event there")
	}
	return tlog.CheckRecord(proof, at.size, at.root, index, hash)
}

func checkRequest(data []byte, verifiers []note.Verifier, old head) error {
	lines, proof, checkpoint, err := hashes(data, 1)
	if err != nil {
		return err
	}
	at, _, err := open(checkpoint, verifiers)
	if err != nil {
		return err
	}
	if lines[0] != fmt.Sprintf("old %d", old.size) || at.origin != old.origin {
		return errors.New("the request is about another checkpoint")
	}
	return tlog.CheckTree(proof, at.size, at.root, old.size, old.root)
}

func main() {
	var verifiers []note.Verifier
	for _, vkey := range strings.Fields(string(read(1))) {
		verifier, err := newVerifier(vkey)
		say("key", err)
		if err == nil {
			verifiers = append(verifiers, verifier)
		}
	}
	leaves, reader, err := readExport(read(2))
	say("export", err)
	at, signatures, err := open(read(3), verifiers)
	say(fmt.Sprintf("checkpoint, %d signatures", signatures), err)
	if reader != nil {
		say("root", sameRoot(at, reader))
	}
	say("inclusion", checkProof(read(4), verifiers, leaves))
	old, _, err := open(read(6), verifiers)
	say("old checkpoint", err)
	say("consistency", checkRequest(read(5), verifiers, old))
	if failed {
		os.Exit(1)
	}
}
