package sheet

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// maxUnpacked is what a workbook may hold when unpacked: five thousand orders take a tenth of it. All of it stays in memory, so that no
// personal data are written to temporary files.
const maxUnpacked = 24 << 20

// reading lets one workbook be unpacked at a time, because a hostile one takes much memory.
var reading = make(chan struct{}, 1)

// readXLSX reads the first sheet that is not hidden, cells as they were entered and formulas as they were last computed.
func readXLSX(file []byte) (_ []line, err error) {
	reading <- struct{}{}
	defer func() { <-reading }()
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true,
	})
	if err != nil {
		if unpacked := fmt.Sprintf("unzip size exceeds the %d bytes limit", maxUnpacked); err.Error() == unpacked {
			return nil, ErrTooLarge
		}
		return nil, ErrUnreadable
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, ErrEmpty
	}
	name := sheets[0]
	for _, s := range sheets {
		if visible, err := f.GetSheetVisible(s); err == nil && visible {
			name = s
			break
		}
	}
	rows, err := f.Rows(name)
	if err != nil {
		return nil, ErrUnreadable
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var lines []line
	for row := 1; rows.Next(); row++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, ErrUnreadable
		}
		if tidied := tidy(cells); tidied != nil {
			lines = append(lines, line{row, tidied})
		}
		if len(lines) > limit {
			return nil, ErrTooMany
		}
	}
	return lines, nil
}
