/* A file system that fails at its n-th operation, for one process: loaded before the C library (LD_PRELOAD).
 *
 * Counted are the operations that change something below one folder, or make it durable. Until arm() is called nothing
 * is. What fails, and how, is one letter:
 *
 *   s  no space at this operation and after, until `reserve` is removed      S  no space ever again
 *   e  an I/O error, once                                                    E  an I/O error from here on
 *   h  half of a write is written                                            t  half of a write, then SIGKILL
 *   k  SIGKILL before the operation
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char below[4096];
static size_t length;
static long first;
static char how;
static int trace = -1;
static atomic_long passed;
static atomic_int struck, eased;

void arm(const char *folder, long at, char letter, int to) {
    snprintf(below, sizeof below, "%s/", folder);
    first = at, how = letter, trace = to;
    length = strlen(below);
}

static int here(const char *path) { return length && path && strncmp(path, below, length) == 0; }

static int at_fd(int fd, char *path, size_t size) {
    char link[64];
    if (!length || fd == trace) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, path, size - 1);
    if (got < 0) return 0;
    path[got] = 0;
    return here(path);
}

static void die(void) { syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); for (;;) pause(); }

/* 0: go on. 1: go on with half of it. Else the errno to fail with. `room`: whether it needs space; `writes`: a write. */
static int struck_by(const char *name, const char *path, int room, int writes) {
    long number = atomic_fetch_add(&passed, 1) + 1;
    if (trace >= 0) {
        char line[4200];
        int size = snprintf(line, sizeof line, "%s %s\n", name, path + length);
        syscall(SYS_write, trace, line, size);
    }
    if (!first || number < first) return 0;
    switch (how) {
    case 's': return room && !eased ? ENOSPC : 0;
    case 'S': return room ? ENOSPC : 0;
    case 'E': return EIO;
    case 'e': return atomic_exchange(&struck, 1) ? 0 : EIO;
    case 'h': return writes && !atomic_exchange(&struck, 1) ? 1 : 0;
    case 't': return writes ? 1 : 0;
    case 'k': die();
    }
    return 0;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)
#define FAIL(code) do { errno = (code); return -1; } while (0)

#define OPEN(name)                                                                              \
    int name(const char *path, int flags, ...) {                                                \
        va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more);  \
        REAL(int, name, const char *, int, ...);                                                \
        if ((flags & O_CREAT) && here(path)) {                                                  \
            int no = struck_by("open", path, access(path, F_OK) != 0, 0);                       \
            if (no > 1) FAIL(no);                                                               \
        }                                                                                       \
        return real(path, flags, mode);                                                         \
    }
OPEN(open)
OPEN(open64)

#define WRITE(name, params, args, half)                                         \
    ssize_t name params {                                                       \
        char path[4096];                                                        \
        static ssize_t (*real) params;                                          \
        if (!real) real = dlsym(RTLD_NEXT, #name);                              \
        if (at_fd(fd, path, sizeof path)) {                                     \
            int no = struck_by("write", path, 1, 1);                            \
            if (no > 1) FAIL(no);                                               \
            if (no == 1) { ssize_t done = real half; if (how == 't') die(); return done; } \
        }                                                                       \
        return real args;                                                       \
    }
WRITE(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size - size / 2))
WRITE(pwrite, (int fd, const void *data, size_t size, off_t off), (fd, data, size, off), (fd, data, size - size / 2, off))
WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t off), (fd, data, size, off), (fd, data, size - size / 2, off))

#define ON_FD(name, word, room, params, args)                       \
    int name params {                                               \
        char path[4096];                                            \
        static int (*real) params;                                  \
        if (!real) real = dlsym(RTLD_NEXT, #name);                  \
        if (at_fd(fd, path, sizeof path)) {                         \
            int no = struck_by(word, path, room, 0);                \
            if (no > 1) FAIL(no);                                   \
        }                                                           \
        return real args;                                           \
    }
ON_FD(fsync, "sync", 0, (int fd), (fd))
ON_FD(fdatasync, "sync", 0, (int fd), (fd))
ON_FD(ftruncate, "truncate", 0, (int fd, off_t size), (fd, size))
ON_FD(ftruncate64, "truncate", 0, (int fd, off64_t size), (fd, size))

/* It returns its error, and sets no errno. */
int posix_fallocate64(int fd, off64_t offset, off64_t size) {
    char path[4096];
    static int (*real)(int, off64_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "posix_fallocate64");
    if (at_fd(fd, path, sizeof path)) {
        int no = struck_by("allocate", path, 1, 0);
        if (no > 1) return no;
    }
    return real(fd, offset, size);
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    if (here(to)) {
        int no = struck_by("rename", to, 0, 0);
        if (no > 1) FAIL(no);
    }
    return real(from, to);
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    if (here(path)) {
        int no = struck_by("unlink", path, 0, 0);
        if (no > 1) FAIL(no);
        if (how == 's' && strstr(path, "/reserve")) eased = 1;
    }
    return real(path);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    if (here(path)) {
        int no = struck_by("mkdir", path, 1, 0);
        if (no > 1) FAIL(no);
    }
    return real(path, mode);
}
