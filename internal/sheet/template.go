package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// CSVTemplate is an empty file with the names of the columns, with a byte order mark, without which Excel misreads å, ä and ö.
func CSVTemplate(names []string, comma rune) ([]byte, error) {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.Comma, w.UseCRLF = comma, true
	if err := w.Write(names); err != nil {
		return nil, fmt.Errorf("sheet: template: %w", err)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("sheet: template: %w", err)
	}
	return b.Bytes(), nil
}

// XLSXTemplate is a workbook with the names of the columns. All columns are text, so that numbers keep their zeros.
func XLSXTemplate(title string, names []string) (_ []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("sheet: template: %w", e)
		}
	}()
	if err := fillTemplate(f, title, names); err != nil {
		return nil, fmt.Errorf("sheet: template: %w", err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("sheet: template: %w", err)
	}
	return b.Bytes(), nil
}

const asText = 49 // the number format @ of Excel

func fillTemplate(f *excelize.File, title string, names []string) error {
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(len(names))
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: asText})
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := f.SetColStyle(title, "A:"+last, text); err != nil {
		return err
	}
	if err := f.SetColWidth(title, "A", last, 22); err != nil {
		return err
	}
	if err := f.SetSheetRow(title, "A1", &names); err != nil {
		return err
	}
	if err := f.SetCellStyle(title, "A1", last+"1", bold); err != nil {
		return err
	}
	return f.SetPanes(title, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}
