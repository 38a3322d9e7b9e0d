// Reads a log out of the folder that `npm run admin -- audit export --format tiles` writes, by the packages with which Go
// verifies its checksum database (golang.org/x/mod/sumdb/note and /tlog), and shares nothing with the writer.
//
//	tile-reader VKEY FOLDER
//
// verifies the checkpoint, every tile against it, and every entry against its leaf; prints the number of entries.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// folder reads tiles. Their paths in tlog-tiles have no height, which sumdb's have: tile/8/0/000 is tile/0/000.
type folder string

func (f folder) Height() int { return height }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) entries(bundle, width int64) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: bundle, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(f), path))
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("a bundle ends within an entry")
		}
		length := int(binary.BigEndian.Uint16(data))
		found = append(found, data[2:2+length])
		data = data[2+length:]
	}
	if int64(len(found)) != width {
		return nil, fmt.Errorf("a bundle has %d entries, not %d", len(found), width)
	}
	return found, nil
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	check(err)
	from := folder(os.Args[2])
	signed, err := os.ReadFile(filepath.Join(os.Args[2], "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, from)
	for first := int64(0); first < size; first += 1 << height {
		width := size - first
		if width > 1<<height {
			width = 1 << height
		}
		entries, err := from.entries(first>>height, width)
		check(err)
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes)
		check(err)
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				check(fmt.Errorf("entry %d is not its leaf", first+int64(i)))
			}
		}
	}
	fmt.Printf("%d entries\n", size)
}
