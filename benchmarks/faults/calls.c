/* Counts the C library's calls that change files below a folder; the n-th kills the process, is torn, or fails.

   Loaded before the C library (LD_PRELOAD). Paths of what is counted begin with `prefix`. With `log`, every call that
   was done is written to a file, with its data, so that a disk can be made again of which not all was flushed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OFF, COUNT, KILL_BEFORE, KILL_AFTER, TORN, FAIL_ONCE, FAIL_FROM_THEN_ON };
#define MOST_KINDS (1 << 20)

static char prefix[PATH_MAX];
static size_t prefix_length;
static int mode = OFF, error, counts_reads, log_file = -1;
static long target, counter;
static double share; /* of a torn write: what comes to the disk */
static char kinds[MOST_KINDS];
static __thread int inside;

#define REAL(name) ({ static __typeof__(name) *p; if (!p) p = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); p; })
#define DIE() do { kill(getpid(), SIGKILL); pause(); } while (0)

void faults_arm(const char *folder, long n, int how, int code, int reads, double part, const char *log) {
  strncpy(prefix, folder, PATH_MAX - 1);
  prefix_length = strlen(prefix);
  target = n; counter = 0; error = code; counts_reads = reads; share = part;
  if (log && *log) log_file = syscall(SYS_openat, AT_FDCWD, log, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  mode = how;
}
long faults_count(void) { return counter; }
const char *faults_kinds(void) { return kinds; }
void faults_off(void) { mode = OFF; }

static int is_ours(int folder, const char *path, char *full) {
  if (mode == OFF || inside || !path) return 0;
  if (path[0] == '/') { strncpy(full, path, PATH_MAX - 1); full[PATH_MAX - 1] = 0; }
  else {
    char base[PATH_MAX], link[64];
    if (folder == AT_FDCWD) { if (!getcwd(base, sizeof base)) return 0; }
    else {
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, base, PATH_MAX - 1);
      if (n < 0) return 0;
      base[n] = 0;
    }
    if (snprintf(full, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  }
  return strncmp(full, prefix, prefix_length) == 0;
}
static int is_ours_open(int file, char *full) {
  if (mode == OFF || inside) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, full, PATH_MAX - 1);
  if (n < 0) return 0;
  full[n] = 0;
  return strncmp(full, prefix, prefix_length) == 0;
}
static void note(const char *what, const char *path, const char *to, long long offset, const void *data, size_t length) {
  if (log_file < 0) return;
  char head[2 * PATH_MAX + 128];
  int n = snprintf(head, sizeof head, "%ld\t%s\t%s\t%s\t%lld\t%zu\n", counter, what, path + prefix_length,
                   to ? to + prefix_length : "", offset, data ? length : 0);
  syscall(SYS_write, log_file, head, n);
  if (data && length) syscall(SYS_write, log_file, data, length);
}
/* 0: go on; 1: die afterwards; 2: write a part, then die; -1: fail */
static int step(char kind) {
  long n = __sync_add_and_fetch(&counter, 1);
  if (n < MOST_KINDS) kinds[n] = kind;
  if (mode == FAIL_FROM_THEN_ON && n >= target) return -1;
  if (n != target) return 0;
  if (mode == KILL_BEFORE) DIE();
  return mode == KILL_AFTER ? 1 : mode == TORN ? 2 : mode == FAIL_ONCE ? -1 : 0;
}
#define GUARD(is, kind, call) \
  char full[PATH_MAX]; \
  if (!(is)) return call; \
  int s = step(kind); \
  if (s < 0) { errno = error; return -1; }
#define CUT(n) if (s == 2 && n > 1) n = (size_t)(n * share);
#define AFTER() do { if (s > 0) DIE(); } while (0)

ssize_t write(int f, const void *b, size_t n) {
  GUARD(is_ours_open(f, full), 'w', REAL(write)(f, b, n))
  CUT(n)
  off_t at = fcntl(f, F_GETFL) & O_APPEND ? lseek(f, 0, SEEK_END) : lseek(f, 0, SEEK_CUR);
  ssize_t r = REAL(write)(f, b, n);
  if (r > 0) note("write", full, 0, at, b, r);
  AFTER();
  return r;
}
#define PWRITE(name, type) \
  ssize_t name(int f, const void *b, size_t n, type at) { \
    GUARD(is_ours_open(f, full), 'w', REAL(name)(f, b, n, at)) \
    CUT(n) \
    ssize_t r = REAL(name)(f, b, n, at); \
    if (r > 0) note("write", full, 0, at, b, r); \
    AFTER(); \
    return r; \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
ssize_t writev(int f, const struct iovec *v, int c) {
  GUARD(is_ours_open(f, full), 'v', REAL(writev)(f, v, c))
  ssize_t r = REAL(writev)(f, v, c);
  note("unknown", full, 0, 0, 0, 0);
  AFTER();
  return r;
}
#define SENDFILE(name, type) \
  ssize_t name(int to, int from, type *at, size_t n) { \
    GUARD(is_ours_open(to, full), 'v', REAL(name)(to, from, at, n)) \
    ssize_t r = REAL(name)(to, from, at, n); \
    note("unknown", full, 0, 0, 0, 0); \
    AFTER(); \
    return r; \
  }
SENDFILE(sendfile, off_t)
SENDFILE(sendfile64, off64_t)
#define OPEN_FILE(name, kind, what) \
  int name(int f) { \
    GUARD(is_ours_open(f, full), kind, REAL(name)(f)) \
    int r = REAL(name)(f); \
    if (!r) note(what, full, 0, 0, 0, 0); \
    AFTER(); \
    return r; \
  }
OPEN_FILE(fsync, 's', "flush")
OPEN_FILE(fdatasync, 's', "flush")
#define TRUNCATE(name, type) \
  int name(int f, type n) { \
    GUARD(is_ours_open(f, full), 't', REAL(name)(f, n)) \
    int r = REAL(name)(f, n); \
    if (!r) note("truncate", full, 0, n, 0, 0); \
    AFTER(); \
    return r; \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)
int rename(const char *a, const char *b) {
  GUARD(is_ours(AT_FDCWD, a, full), 'n', REAL(rename)(a, b))
  int r = REAL(rename)(a, b);
  char to[PATH_MAX];
  if (!r && is_ours(AT_FDCWD, b, to)) note("rename", full, to, 0, 0, 0);
  AFTER();
  return r;
}
int renameat(int f, const char *a, int g, const char *b) {
  GUARD(is_ours(f, a, full), 'n', REAL(renameat)(f, a, g, b))
  int r = REAL(renameat)(f, a, g, b);
  char to[PATH_MAX];
  if (!r && is_ours(g, b, to)) note("rename", full, to, 0, 0, 0);
  AFTER();
  return r;
}
#define NAMED(name, kind, what, parameters, call, folder, path) \
  int name parameters { \
    GUARD(is_ours(folder, path, full), kind, REAL(name) call) \
    int r = REAL(name) call; \
    if (!r) note(what, full, 0, 0, 0, 0); \
    AFTER(); \
    return r; \
  }
NAMED(unlink, 'u', "unlink", (const char *p), (p), AT_FDCWD, p)
NAMED(unlinkat, 'u', "unlink", (int f, const char *p, int flags), (f, p, flags), f, p)
NAMED(rmdir, 'u', "rmdir", (const char *p), (p), AT_FDCWD, p)
NAMED(mkdir, 'm', "mkdir", (const char *p, mode_t m), (p, m), AT_FDCWD, p)
NAMED(mkdirat, 'm', "mkdir", (int f, const char *p, mode_t m), (f, p, m), f, p)

static int open_at(int folder, const char *path, int flags, mode_t m) {
  char full[PATH_MAX];
  int s = 0, makes = 0, ours = is_ours(folder, path, full);
  if (ours && (flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC) || counts_reads)) {
    struct stat found;
    inside = 1;
    makes = (flags & O_CREAT) && stat(full, &found) != 0;
    inside = 0;
    s = step(makes ? 'c' : 'o');
    if (s < 0) { errno = error; return -1; }
  }
  int r = syscall(SYS_openat, folder, path, flags | O_LARGEFILE, m);
  if (ours && r >= 0 && makes) note("create", full, 0, 0, 0, 0);
  else if (ours && r >= 0 && (flags & O_TRUNC)) note("truncate", full, 0, 0, 0, 0);
  if (s > 0) DIE();
  return r;
}
#define MODE \
  mode_t m = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); m = va_arg(a, mode_t); va_end(a); }
int open(const char *p, int flags, ...) { MODE return open_at(AT_FDCWD, p, flags, m); }
int open64(const char *p, int flags, ...) { MODE return open_at(AT_FDCWD, p, flags, m); }
int openat(int f, const char *p, int flags, ...) { MODE return open_at(f, p, flags, m); }
int openat64(int f, const char *p, int flags, ...) { MODE return open_at(f, p, flags, m); }

#define READ(name, parameters, call) \
  ssize_t name parameters { \
    GUARD(counts_reads && is_ours_open(f, full), 'r', REAL(name) call) \
    ssize_t r = REAL(name) call; \
    AFTER(); \
    return r; \
  }
READ(read, (int f, void *b, size_t n), (f, b, n))
READ(pread, (int f, void *b, size_t n, off_t at), (f, b, n, at))
READ(pread64, (int f, void *b, size_t n, off64_t at), (f, b, n, at))
