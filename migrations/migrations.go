// Package migrations holds the database schema of Kortportal as numbered SQL files, one concern each.
// Package postgres applies them; schema.sql shows what they add up to and is made by make generate.
//
// Each file is one transaction (BEGIN; … COMMIT;), runs as the owner of the database and grants the application's
// role what it needs. The roles themselves belong to the operator and exist before the first file runs.
//
// A file that has been released is never changed: databases have run it. released.sha256 names them; a release adds its own
// (sha256sum 0*.sql > released.sha256).
package migrations

import "embed"

// FS holds the files NNNNNN_name.up.sql and NNNNNN_name.down.sql.
//
//go:embed [0-9]*.sql
var FS embed.FS
