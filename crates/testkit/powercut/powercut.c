/*
 * A file layer that writes down what a process asks of its disk (see src/powercut.rs, which replays it).
 *
 * Loaded with LD_PRELOAD. For files under the folder POWERCUT_ROOT it appends each change, with its data, to
 * the log POWERCUT_LOG, in the order in which the changes took effect. Syncs are written down twice, when they
 * begin and when they end: what was written before the begin is on the disk once the end is reached. The real
 * sync is left out, since no real power fails; POWERCUT_SYNC_US makes each last as long as a disk's would.
 * Lines written to the file POWERCUT_ACKS are what the process has promised to others.
 *
 * It is C because our crates hold no unsafe code. Test only; never part of the program.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))
#define FILES_MAX 65536

struct head {
    uint8_t op;
    uint8_t pad[3];
    uint32_t path_len;
    uint64_t file;   /* number of a file, given when it is first seen */
    uint64_t at;     /* offset, length or number of a sync */
    uint32_t to_len; /* second path */
    uint32_t data_len;
};

struct known {
    dev_t dev;
    ino_t ino;
    uint64_t file;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_len;
static int log_fd = -1;
static long sync_us;
static dev_t acks_dev;
static ino_t acks_ino;
static struct known files[FILES_MAX];
static size_t files_len;
static uint64_t file_next = 1, sync_next = 1;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) {
        dprintf(2, "powercut: %s is not in libc\n", name);
        abort();
    }
    return found;
}

__attribute__((constructor)) static void start(void) {
    const char *folder = getenv("POWERCUT_ROOT"), *log = getenv("POWERCUT_LOG"), *acks = getenv("POWERCUT_ACKS");
    struct stat st;
    if (!folder || !log || !acks) return;
    if (!realpath(folder, root) || stat(acks, &st) != 0) {
        dprintf(2, "powercut: %s or %s is missing\n", folder, acks);
        abort();
    }
    root_len = strlen(root);
    acks_dev = st.st_dev;
    acks_ino = st.st_ino;
    if (getenv("POWERCUT_SYNC_US")) sync_us = atol(getenv("POWERCUT_SYNC_US"));
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) abort();
}

/* ---- the log ---- */

static void put(const void *bytes, size_t len) {
    const char *from = bytes;
    while (len > 0) {
        ssize_t n = syscall(SYS_write, log_fd, from, len);
        if (n < 0) {
            if (errno == EINTR) continue;
            dprintf(2, "powercut: the log cannot be written\n");
            abort();
        }
        from += n;
        len -= (size_t)n;
    }
}

/* Call with the lock held. */
static void record(char op, uint64_t file, uint64_t at, const char *path, const char *to, const void *data, size_t len) {
    int saved = errno;
    struct head head = {0};
    head.op = (uint8_t)op;
    head.file = file;
    head.at = at;
    head.path_len = path ? (uint32_t)strlen(path) : 0;
    head.to_len = to ? (uint32_t)strlen(to) : 0;
    head.data_len = (uint32_t)len;
    put(&head, sizeof head);
    if (path) put(path, head.path_len);
    if (to) put(to, head.to_len);
    if (len) put(data, len);
    errno = saved;
}

/* ---- which file, which path ---- */

/* The path below the root, or NULL when it is elsewhere. */
static const char *below(const char *path) {
    if (log_fd < 0 || strncmp(path, root, root_len) != 0) return NULL;
    if (path[root_len] == 0) return "";
    return path[root_len] == '/' ? path + root_len + 1 : NULL;
}

static const char *path_of_fd(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    if (n < 0) return NULL;
    out[n] = 0;
    return below(out);
}

/* Resolves the folder of a path, not its last name: that may not exist, or be about to go. */
static const char *resolve(int dir, const char *path, char *out) {
    char whole[PATH_MAX], folder[PATH_MAX];
    int saved = errno;
    const char *result = NULL;
    if (log_fd < 0 || !path) return NULL;
    if (path[0] == '/' || dir == AT_FDCWD) {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        ssize_t n = readlink(link, folder, sizeof folder - 1);
        if (n < 0) goto out;
        folder[n] = 0;
        if (snprintf(whole, sizeof whole, "%s/%s", folder, path) >= (int)sizeof whole) goto out;
    }
    size_t len = strlen(whole);
    while (len > 1 && whole[len - 1] == '/') whole[--len] = 0;
    char *name = strrchr(whole, '/');
    const char *base = name ? name + 1 : whole;
    const char *parent = name ? (name == whole ? "/" : whole) : ".";
    char base_copy[NAME_MAX + 1];
    if (strlen(base) > NAME_MAX) goto out;
    strcpy(base_copy, base);
    if (name && name != whole) *name = 0;
    if (!realpath(parent, folder)) goto out;
    if (snprintf(out, PATH_MAX, "%s/%s", folder, base_copy) >= PATH_MAX) goto out;
    result = below(out);
out:
    errno = saved;
    return result;
}

static struct known *find(dev_t dev, ino_t ino) {
    for (size_t i = files_len; i-- > 0;)
        if (files[i].ino == ino && files[i].dev == dev) return &files[i];
    return NULL;
}

/* A new file may get the inode of one that is gone: it gets a number of its own all the same. */
static uint64_t number(dev_t dev, ino_t ino) {
    struct known *slot = find(dev, ino);
    if (!slot) {
        if (files_len == FILES_MAX) {
            dprintf(2, "powercut: more than %d files\n", FILES_MAX);
            abort();
        }
        slot = &files[files_len++];
        slot->dev = dev;
        slot->ino = ino;
    }
    return slot->file = file_next++;
}

/* The number of an open file that is watched, or 0. Call with the lock held. */
static uint64_t file_of(int fd, int *is_acks) {
    struct stat st;
    int saved = errno;
    if (is_acks) *is_acks = 0;
    if (log_fd < 0 || fd == log_fd || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        errno = saved;
        return 0;
    }
    if (is_acks && st.st_dev == acks_dev && st.st_ino == acks_ino) *is_acks = 1;
    struct known *slot = find(st.st_dev, st.st_ino);
    return slot ? slot->file : 0;
}

/* ---- opening ---- */

static int opened(int dir, const char *path, int flags, mode_t mode, int (*call)(int, const char *, int, ...)) {
    char buffer[PATH_MAX];
    struct stat before, st;
    if (log_fd < 0 || (flags & O_TMPFILE) == O_TMPFILE) return call(dir, path, flags, mode);
    pthread_mutex_lock(&lock);
    int existed = fstatat(dir, path, &before, 0) == 0;
    int fd = call(dir, path, flags, mode);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        const char *found = path_of_fd(fd, buffer);
        if (found) {
            struct known *slot = existed ? find(st.st_dev, st.st_ino) : NULL;
            if (!slot) record(existed ? 'E' : 'C', number(st.st_dev, st.st_ino), 0, found, NULL, NULL, 0);
            else if (flags & O_TRUNC) record('T', slot->file, 0, NULL, NULL, NULL, 0);
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list args; \
        va_start(args, flags); \
        mode = va_arg(args, mode_t); \
        va_end(args); \
    }

static int call_openat(int dir, const char *path, int flags, ...) {
    MODE(flags)
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode, call_openat); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode, call_openat); }
int openat(int dir, const char *path, int flags, ...) { MODE(flags) return opened(dir, path, flags, mode, call_openat); }
int openat64(int dir, const char *path, int flags, ...) { MODE(flags) return opened(dir, path, flags, mode, call_openat); }
int creat(const char *path, mode_t mode) {
    return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, call_openat);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* ---- contents ---- */

static void wrote(int fd, const void *data, ssize_t n, off64_t at) {
    int is_acks = 0;
    uint64_t file = file_of(fd, &is_acks);
    if (n <= 0) return;
    if (is_acks) record('A', 0, 0, NULL, NULL, data, (size_t)n);
    else if (file) record('W', file, (uint64_t)at, NULL, NULL, data, (size_t)n);
}

ssize_t write(int fd, const void *data, size_t len) {
    if (log_fd < 0) return syscall(SYS_write, fd, data, len);
    pthread_mutex_lock(&lock);
    int is_acks = 0, watched = file_of(fd, &is_acks) != 0 || is_acks;
    if (!watched) {
        /* A pipe may block for ever: the lock is not held over it. */
        pthread_mutex_unlock(&lock);
        return syscall(SYS_write, fd, data, len);
    }
    ssize_t n = syscall(SYS_write, fd, data, len);
    if (n > 0) wrote(fd, data, n, lseek64(fd, 0, SEEK_CUR) - n);
    pthread_mutex_unlock(&lock);
    return n;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at) {
    pthread_mutex_lock(&lock);
    ssize_t n = syscall(SYS_pwrite64, fd, data, len, at);
    wrote(fd, data, n, at);
    pthread_mutex_unlock(&lock);
    return n;
}
ssize_t pwrite(int fd, const void *data, size_t len, off_t at) { return pwrite64(fd, data, len, at); }

static void wrote_pieces(int fd, const struct iovec *pieces, int count, ssize_t n, off64_t at) {
    for (int i = 0; i < count && n > 0; i++) {
        ssize_t len = (ssize_t)pieces[i].iov_len < n ? (ssize_t)pieces[i].iov_len : n;
        wrote(fd, pieces[i].iov_base, len, at);
        at += len;
        n -= len;
    }
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    if (log_fd < 0) return syscall(SYS_writev, fd, pieces, count);
    pthread_mutex_lock(&lock);
    int is_acks = 0, watched = file_of(fd, &is_acks) != 0 || is_acks;
    if (!watched) {
        pthread_mutex_unlock(&lock);
        return syscall(SYS_writev, fd, pieces, count);
    }
    ssize_t n = syscall(SYS_writev, fd, pieces, count);
    if (n > 0) wrote_pieces(fd, pieces, count, n, lseek64(fd, 0, SEEK_CUR) - n);
    pthread_mutex_unlock(&lock);
    return n;
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t at) {
    pthread_mutex_lock(&lock);
    ssize_t n = REAL(pwritev64)(fd, pieces, count, at);
    wrote_pieces(fd, pieces, count, n, at);
    pthread_mutex_unlock(&lock);
    return n;
}
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) { return pwritev64(fd, pieces, count, at); }

int ftruncate64(int fd, off64_t len) {
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_ftruncate, fd, len);
    uint64_t file = file_of(fd, NULL);
    if (done == 0 && file) record('T', file, (uint64_t)len, NULL, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate(int fd, off_t len) { return ftruncate64(fd, len); }

/* Ways of changing a file that are not followed: callers fall back to plain writes. */
int fallocate64(int fd, int mode, off64_t at, off64_t len) {
    if (file_of(fd, NULL)) { errno = EOPNOTSUPP; return -1; }
    return REAL(fallocate64)(fd, mode, at, len);
}
int fallocate(int fd, int mode, off_t at, off_t len) { return fallocate64(fd, mode, at, len); }
int posix_fallocate64(int fd, off64_t at, off64_t len) {
    return file_of(fd, NULL) ? EOPNOTSUPP : REAL(posix_fallocate64)(fd, at, len);
}
int posix_fallocate(int fd, off_t at, off_t len) { return posix_fallocate64(fd, at, len); }
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *to_at, size_t len, unsigned flags) {
    if (file_of(to, NULL)) { errno = EXDEV; return -1; }
    return REAL(copy_file_range)(from, at, to, to_at, len, flags);
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t len) {
    if (file_of(to, NULL)) { errno = EINVAL; return -1; }
    return syscall(SYS_sendfile, to, from, at, len);
}
ssize_t sendfile(int to, int from, off_t *at, size_t len) { return sendfile64(to, from, at, len); }

/* ---- syncs ---- */

static int sync_fd(int fd) {
    char buffer[PATH_MAX], path[PATH_MAX];
    struct stat st;
    if (log_fd < 0) return (int)syscall(SYS_fsync, fd);
    pthread_mutex_lock(&lock);
    uint64_t file = file_of(fd, NULL), number_of_sync = 0;
    int folder = 0;
    if (!file && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        const char *found = path_of_fd(fd, buffer);
        if (found) {
            folder = 1;
            snprintf(path, sizeof path, "%s", found);
        }
    }
    if (file || folder) {
        number_of_sync = sync_next++;
        record(folder ? 'D' : 'B', file, number_of_sync, folder ? path : NULL, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    if (!number_of_sync) return (int)syscall(SYS_fsync, fd);
    if (sync_us) usleep((useconds_t)sync_us);
    pthread_mutex_lock(&lock);
    record('F', file, number_of_sync, NULL, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return 0;
}
int fsync(int fd) { return sync_fd(fd); }
int fdatasync(int fd) { return sync_fd(fd); }

/* ---- names ---- */

static int two_names(char op, int from_dir, const char *from, int to_dir, const char *to, int flags) {
    char a[PATH_MAX], b[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *old = resolve(from_dir, from, a), *new = resolve(to_dir, to, b);
    int done = op == 'R' ? (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags)
                         : (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
    if (done == 0 && (old || new)) {
        if (!old || !new) {
            dprintf(2, "powercut: a name moved across the edge of the folder\n");
            abort();
        }
        record(op, 0, (uint64_t)flags, old, new, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return done;
}
int rename(const char *from, const char *to) { return two_names('R', AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return two_names('R', a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    return two_names('R', a, from, b, to, (int)flags);
}
int link(const char *from, const char *to) { return two_names('L', AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return two_names('L', a, from, b, to, flags); }

static int one_name(char op, int dir, const char *path, mode_t mode, int flags) {
    char buffer[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *found = resolve(dir, path, buffer);
    int done = op == 'M' ? (int)syscall(SYS_mkdirat, dir, path, mode) : (int)syscall(SYS_unlinkat, dir, path, flags);
    if (done == 0 && found) record(op, 0, 0, found, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int unlink(const char *path) { return one_name('U', AT_FDCWD, path, 0, 0); }
int unlinkat(int dir, const char *path, int flags) {
    return one_name(flags & AT_REMOVEDIR ? 'X' : 'U', dir, path, 0, flags);
}
int rmdir(const char *path) { return one_name('X', AT_FDCWD, path, 0, AT_REMOVEDIR); }
int mkdir(const char *path, mode_t mode) { return one_name('M', AT_FDCWD, path, mode, 0); }
int mkdirat(int dir, const char *path, mode_t mode) { return one_name('M', dir, path, mode, 0); }
