package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The names that every Kortportal database has.
const (
	OwnerRole = "kortportal_owner" // owns the database and runs the migrations
	AppRole   = "kortportal_app"   // runs the server, restricted by grants
	Database  = "kortportal"

	superuser = "postgres"
)

// ErrLocalInUse: another process of ours runs the private database in this folder.
var ErrLocalInUse = errors.New("another Kortportal runs this database")

// LocalOptions say where the private server lives.
type LocalOptions struct {
	// Dir is the folder of the cluster. It is made when missing.
	Dir string
	// Log hears what is done on the machine: where the cluster is, what is installed.
	Log *slog.Logger
	// Join uses the server of another process of ours when one runs this cluster already, instead of ErrLocalInUse.
	Join bool
	// Unsafe trades safety against a crash of the machine for speed. For tests only.
	Unsafe bool
	// Settings are further server settings by name, for tests and benchmarks.
	Settings map[string]string
	// Under is a command that is started in the place of the server and gets the server's command line as further
	// arguments. With it the server does not end with this process. For tests only.
	Under []string
}

// Local is a private Postgres server that this process started: reached over a unix socket only, with generated passwords
// in the file pgpass (mode 0600) of its folder, and with fsync on. It holds the database and the roles that the migrations expect.
//
// It ends with this process, however that ends, and keeps its data for the next StartLocal on the same folder.
type Local struct {
	dir       string // holds everything below
	socketDir string
	server    programs
	passwords map[string]string
	lock      *os.File // nil when the server is another process's
	log       *slog.Logger

	process *os.Process // nil as well
	exited  chan struct{}
	exitErr error // read only after exited is closed
	stop    sync.Once
	stopErr error
}

const (
	socketPort = "5432" // only names the socket file; nothing listens on a network port
	socketFile = ".s.PGSQL." + socketPort
)

// StartLocal starts the private server of a folder, and makes the cluster, the roles and the empty database when they are
// missing. It looks for the server programs on the machine first, then installs them, then fetches them, and logs what it does.
//
// Postgres refuses to run as root, so under root it runs as the user postgres (else nobody); when that user cannot reach Dir
// the cluster lives in a folder under /var/lib instead, the same one each time, which is logged.
//
// When ctx ends the server is stopped as by Stop. A second process on the same folder gets ErrLocalInUse.
func StartLocal(ctx context.Context, o LocalOptions) (*Local, error) {
	l, err := startLocal(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("postgres: private server: %w", err)
	}
	return l, nil
}

func startLocal(ctx context.Context, o LocalOptions) (_ *Local, err error) {
	home, err := findHome(o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	l := &Local{dir: home.dir, log: o.Log, exited: make(chan struct{})}
	l.lock, err = lockFolder(home.dir)
	if errors.Is(err, ErrLocalInUse) && o.Join {
		err = l.join(ctx, home)
	}
	if err != nil || l.lock == nil {
		return l, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.abandon())
		}
	}()

	major, err := clusterMajor(home.data())
	if err != nil {
		return nil, err
	}
	if l.server, err = findPrograms(ctx, home, major, o.Log); err != nil {
		return nil, err
	}
	if home.user.switched { // the user postgres may have come with the programs
		if home.user, err = unprivileged(home.data()); err != nil {
			return nil, err
		}
	}
	if l.passwords, err = readPasswords(home.dir, major != 0); err != nil {
		return nil, err
	}
	if major == 0 {
		o.Log.Info("making a private Postgres cluster", "folder", home.data(), "version", l.server.major, "user", home.user.name)
		if err := initCluster(ctx, l.server, home, l.passwords[superuser], o.Unsafe); err != nil {
			return nil, err
		}
	}
	if l.socketDir, err = makeSocketDir(home); err != nil {
		return nil, err
	}
	if err := endOrphan(ctx, home, l.socketDir, o.Log); err != nil {
		return nil, err
	}
	if err := l.launch(home, o); err != nil {
		return nil, err
	}
	conn, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(ensureDatabase(ctx, conn, l.passwords), conn.Close(context.WithoutCancel(ctx))); err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		if err := l.Stop(); err != nil {
			o.Log.Error("the private Postgres did not stop cleanly", "error", err)
		}
	})
	return l, nil
}

// URL is the address of a database for one of the three roles of the cluster.
func (l *Local) URL(role, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, l.passwords[role]),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {l.socketDir}, "port": {socketPort}}.Encode(),
	}
	return u.String()
}

// OwnerURL is for migrations.
func (l *Local) OwnerURL() string { return l.URL(OwnerRole, Database) }

// AppURL is for the server.
func (l *Local) AppURL() string { return l.URL(AppRole, Database) }

// SuperuserURL is for tests and repairs.
func (l *Local) SuperuserURL() string { return l.URL(superuser, "postgres") }

// Program is the path of one of the programs of the server's own version, such as pg_dump.
func (l *Local) Program(name string) string { return l.server.path(name) }

// Dir is where the cluster really is.
func (l *Local) Dir() string { return l.dir }

// Done is closed when the server has ended, by Stop or by itself.
func (l *Local) Done() <-chan struct{} { return l.exited }

const (
	stopPatience = time.Minute
	killPatience = 10 * time.Second
)

// Stop ends the server: open transactions are rolled back, everything committed is on disk. It may be called more than once.
// The server of another process goes on.
func (l *Local) Stop() error {
	if l.process == nil {
		return nil
	}
	l.stop.Do(func() { l.stopErr = errors.Join(l.stopServer(), unlockFolder(l.lock)) })
	return l.stopErr
}

func (l *Local) stopServer() error {
	for _, step := range []struct {
		signal   syscall.Signal // what the signals mean to Postgres: fast shutdown, immediate shutdown
		patience time.Duration
	}{{syscall.SIGINT, stopPatience}, {syscall.SIGQUIT, killPatience}, {syscall.SIGKILL, killPatience}} {
		if err := l.process.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop the private server: %w", err)
		}
		select {
		case <-l.exited:
			if l.exitErr != nil {
				return fmt.Errorf("the private server ended: %w%s", l.exitErr, logTail(l.dir))
			}
			return nil
		case <-time.After(step.patience):
		}
	}
	return fmt.Errorf("the private server (process %d) does not end", l.process.Pid)
}

// join waits for the server that another process runs, or for the lock when that process ends before it has one.
func (l *Local) join(ctx context.Context, home home) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if ready, err := l.joined(ctx, home); ready || err != nil {
			return err
		}
		lock, err := lockFolder(home.dir)
		if err == nil {
			l.lock = lock
			return nil
		}
		if !errors.Is(err, ErrLocalInUse) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// joined tells whether the database is there, which is made last.
func (l *Local) joined(ctx context.Context, home home) (ready bool, err error) {
	l.passwords, err = readPasswords(home.dir, true)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if l.socketDir, err = makeSocketDir(home); err != nil {
		return false, err
	}
	conn, err := pgx.Connect(ctx, l.OwnerURL())
	if err != nil {
		return false, nil //nolint:nilerr // not yet
	}
	return true, conn.Close(ctx)
}

// abandon is what a failed start leaves behind: nothing.
func (l *Local) abandon() error {
	if l.process == nil {
		return unlockFolder(l.lock)
	}
	select {
	case <-l.exited: // its end is the failure itself
		return unlockFolder(l.lock)
	default:
		return l.Stop()
	}
}

// launch starts the server process; it does not wait until it answers.
func (l *Local) launch(home home, o LocalOptions) error {
	logFile, err := openLog(home.dir)
	if err != nil {
		return err
	}
	argv := append(append([]string{}, o.Under...), serverCommand(l.server, home, l.socketDir, o)...)
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // Stop ends the server in order, a context would kill it
	cmd.Dir = home.dir
	cmd.Env = home.environ()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr = home.attributes()
	if len(o.Under) == 0 {
		endWithParent(cmd.SysProcAttr)
	} else {
		cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setpgid = true, false
	}
	started := make(chan error)
	go l.hold(cmd, started)
	if err := errors.Join(<-started, logFile.Close()); err != nil { // the child has its own copy of the file
		return fmt.Errorf("start %s: %w", argv[0], err)
	}
	return nil
}

// slowStart is when a waiting person is told why: Postgres replays its log after a crash of the machine.
const slowStart = 5 * time.Second

// connect waits until the server answers.
func (l *Local) connect(ctx context.Context) (*pgx.Conn, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	slow := time.After(slowStart)
	for {
		conn, err := pgx.Connect(ctx, l.SuperuserURL())
		if err == nil {
			return conn, nil
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "28P01" {
			return nil, fmt.Errorf("the passwords in %s are not those of the cluster: %w", filepath.Join(l.dir, passwordFile), err)
		}
		select {
		case <-tick.C:
		case <-slow:
			l.log.Info("waiting for the private Postgres to recover", "folder", l.dir)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.exited:
			return nil, fmt.Errorf("the server ended while starting (%w)%s", l.exitErr, logTail(l.dir))
		}
	}
}
