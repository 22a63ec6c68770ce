package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"kortportal/internal/postgres"
)

// reachableDir is a temporary folder that the server's user can reach when the tests run as root.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func startLocal(t *testing.T, dir string) *postgres.Local {
	t.Helper()
	local, err := postgres.StartLocal(t.Context(), postgres.LocalOptions{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, local) })
	return local
}

func stop(t *testing.T, local *postgres.Local) {
	t.Helper()
	if err := local.Stop(); err != nil {
		t.Error(err)
	}
}

func exec1(t *testing.T, address, statement string) error {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(context.Background(), statement)
	return errors.Join(err, conn.Close(context.Background()))
}

func value(t *testing.T, address, query string) string {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	var s string
	if err := errors.Join(conn.QueryRow(context.Background(), query).Scan(&s), conn.Close(context.Background())); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

func TestLocalKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "var", "postgres")
	first := startLocal(t, dir)
	if err := exec1(t, first.OwnerURL(), `CREATE TABLE kept AS SELECT 'here'::text AS word`); err != nil {
		t.Fatal(err)
	}
	stop(t, first)
	if got := value(t, startLocal(t, dir).OwnerURL(), `SELECT word FROM kept`); got != "here" {
		t.Errorf("the second run finds %q", got)
	}
}

func TestLocalIsSafeAndPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	local := startLocal(t, dir)
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "listen_addresses": "", "data_checksums": "on",
		"server_encoding": "UTF8", "timezone": "UTC",
	} {
		if got := value(t, local.AppURL(), `SELECT current_setting('`+setting+`')`); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := value(t, local.AppURL(), `SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = current_database()`); got != "C C" {
		t.Errorf("the database sorts and classifies by %q, want C", got)
	}
	info, err := os.Stat(filepath.Join(local.Dir(), "pgpass"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the passwords have mode %v", info.Mode())
	}
	wrong := strings.Replace(local.AppURL(), postgres.AppRole+":", postgres.AppRole+":x", 1)
	if conn, err := pgx.Connect(t.Context(), wrong); err == nil {
		t.Errorf("a wrong password was accepted (%v)", conn.Close(t.Context()))
	}
}

func TestLocalEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	ctx, cancel := context.WithCancel(t.Context())
	local, err := postgres.StartLocal(ctx, postgres.LocalOptions{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-local.Done()
	stop(t, local)
	startLocal(t, dir)
}

func TestLocalInAClosedFolder(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(reachableDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "var", "postgres")
	local := startLocal(t, dir)
	inside := strings.HasPrefix(local.Dir(), closed)
	if root := os.Geteuid() == 0; root == inside {
		t.Errorf("as root %v: the cluster of %s is in %s", root, dir, local.Dir())
	}
	if !inside {
		t.Cleanup(func() {
			if err := os.RemoveAll(local.Dir()); err != nil {
				t.Error(err)
			}
		})
	}
	stop(t, local)
	if again := startLocal(t, dir); again.Dir() != local.Dir() {
		t.Errorf("the second run looks in %s, the first was in %s", again.Dir(), local.Dir())
	}
}

func TestLocalUnderALongPath(t *testing.T) {
	t.Parallel()
	startLocal(t, filepath.Join(reachableDir(t), strings.Repeat("long", 30), "postgres"))
}

func TestLocalOverAHalfMadeCluster(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	for _, half := range []string{"data.new-1", "data"} { // initdb was killed; the folder was made and nothing in it
		if err := os.MkdirAll(filepath.Join(dir, half), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "data.new-1", "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	local := startLocal(t, dir)
	if left, err := filepath.Glob(filepath.Join(local.Dir(), "data.new-*")); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestLocalOverTheMarksOfADeadServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	local := startLocal(t, dir)
	stop(t, local)
	owner, err := os.Stat(filepath.Join(local.Dir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	as, ok := owner.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatalf("no owner in %v", owner.Sys())
	}
	// After a crash of the machine the id of the dead server can belong to any process, such as this one's child. Postgres
	// minds only those of its own user.
	bystander := exec.Command("sleep", "60")
	if os.Geteuid() == 0 {
		bystander.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.Uid, Gid: as.Gid}}
	}
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bystander.Process.Kill(); err != nil {
			t.Error(err)
		}
		_, _ = bystander.Process.Wait() // killed just above
	})
	data := filepath.Join(local.Dir(), "data")
	content := strings.Join([]string{strconv.Itoa(bystander.Process.Pid), data, "1", "5432"}, "\n") + "\n"
	for _, mark := range []string{filepath.Join(data, "postmaster.pid"), filepath.Join(local.Dir(), "run", ".s.PGSQL.5432.lock")} {
		if err := os.WriteFile(mark, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(mark, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	startLocal(t, dir)
}

// child runs the private server of a folder in a process of its own.
type child struct {
	*exec.Cmd
	address string
}

func startChild(t *testing.T, dir string) child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child said nothing: %v (%v)", err, cmd.Wait())
	}
	return child{cmd, strings.TrimSpace(line)}
}

func TestLocalAfterAKilledRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	c := startChild(t, dir)
	if err := exec1(t, c.address, `CREATE TABLE kept AS SELECT 'here'::text AS word`); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil {
		t.Fatal("the child was not killed")
	}
	if got := value(t, startLocal(t, dir).OwnerURL(), `SELECT word FROM kept`); got != "here" {
		t.Errorf("after the kill: %q", got)
	}
}

func TestLocalStopsOnCtrlC(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	c := startChild(t, dir)
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	if mark := filepath.Join(dir, "data", "postmaster.pid"); exists(t, mark) {
		t.Errorf("%s is still there", mark)
	}
}

func TestLocalRunsOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "postgres")
	c := startChild(t, dir)
	_, err := postgres.StartLocal(t.Context(), postgres.LocalOptions{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, postgres.ErrLocalInUse) || !strings.Contains(err.Error(), strconv.Itoa(c.Process.Pid)) {
		t.Errorf("a second run: %v, want ErrLocalInUse naming process %d", err, c.Process.Pid)
	}
	guest, err := postgres.StartLocal(t.Context(), postgres.LocalOptions{Dir: dir, Log: slog.New(slog.DiscardHandler), Join: true})
	if err != nil {
		t.Fatal(err)
	}
	if guest.OwnerURL() != c.address {
		t.Error("the one that joins has another address")
	}
	stop(t, guest)
	if got := value(t, c.address, `SELECT 'still there'`); got != "still there" {
		t.Errorf("the first run: %q", got)
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	startLocal(t, dir)
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}
