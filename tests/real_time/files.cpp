// SPDX-License-Identifier: MIT
// Files, sockets, processes, the loader, and what asks the system by number: a futex, say.
#include "calls.hpp"

#if PORTSPAN_TEST_SEES_CALLS
#include <dlfcn.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "interpose.hpp"

#define CALL PORTSPAN_TEST_INTERPOSE
// What is variadic there gets all that it could: more is not looked at.
CALL(int, open, (const char* path, int flags, mode_t mode), path, flags, mode)
CALL(int, open64, (const char* path, int flags, mode_t mode), path, flags, mode)
CALL(int, openat, (int folder, const char* path, int flags, mode_t mode), folder, path, flags, mode)
CALL(int, openat64, (int folder, const char* path, int flags, mode_t mode), folder, path, flags,
     mode)
CALL(int, creat, (const char* path, mode_t mode), path, mode)
CALL(int, close, (int file), file)
CALL(ssize_t, read, (int file, void* to, size_t size), file, to, size)
CALL(ssize_t, write, (int file, const void* from, size_t size), file, from, size)
CALL(ssize_t, pread, (int file, void* to, size_t size, off_t at), file, to, size, at)
CALL(ssize_t, pread64, (int file, void* to, size_t size, off64_t at), file, to, size, at)
CALL(ssize_t, pwrite, (int file, const void* from, size_t size, off_t at), file, from, size, at)
CALL(ssize_t, pwrite64, (int file, const void* from, size_t size, off64_t at), file, from, size, at)
CALL(ssize_t, readv, (int file, const iovec* to, int count), file, to, count)
CALL(ssize_t, writev, (int file, const iovec* from, int count), file, from, count)
CALL(off_t, lseek, (int file, off_t to, int from), file, to, from)
CALL(off64_t, lseek64, (int file, off64_t to, int from), file, to, from)
CALL(int, fsync, (int file), file)
CALL(int, stat, (const char* path, struct stat* status), path, status)
CALL(int, fstat, (int file, struct stat* status), file, status)
CALL(int, access, (const char* path, int mode), path, mode)
CALL(int, unlink, (const char* path), path)
CALL(int, rename, (const char* from, const char* to), from, to)
CALL(int, pipe, (int* files), files)
CALL(int, dup, (int file), file)
CALL(int, dup2, (int file, int to), file, to)
CALL(int, fcntl, (int file, int command, void* argument), file, command, argument)
CALL(int, fcntl64, (int file, int command, void* argument), file, command, argument)
CALL(int, ioctl, (int file, unsigned long request, void* argument), file, request, argument)

CALL(FILE*, fopen, (const char* path, const char* mode), path, mode)
CALL(FILE*, fopen64, (const char* path, const char* mode), path, mode)
CALL(FILE*, fdopen, (int file, const char* mode), file, mode)
CALL(int, fclose, (FILE * file), file)
CALL(size_t, fread, (void* to, size_t size, size_t count, FILE* file), to, size, count, file)
CALL(size_t, fwrite, (const void* from, size_t size, size_t count, FILE* file), from, size, count,
     file)
CALL(int, fflush, (FILE * file), file)
CALL(int, fseek, (FILE * file, long to, int from), file, to, from)
CALL(long, ftell, (FILE * file), file)
CALL(int, fputs, (const char* text, FILE* file), text, file)
CALL(int, fputc, (int c, FILE* file), c, file)
CALL(int, putc, (int c, FILE* file), c, file)
CALL(int, putchar, (int c), c)
CALL(int, puts, (const char* text), text)
CALL(char*, fgets, (char* to, int size, FILE* file), to, size, file)
CALL(int, fgetc, (FILE * file), file)
CALL(int, getc, (FILE * file), file)
CALL(int, vprintf, (const char* format, va_list arguments), format, arguments)
CALL(int, vfprintf, (FILE * file, const char* format, va_list arguments), file, format, arguments)
CALL(int, vdprintf, (int file, const char* format, va_list arguments), file, format, arguments)
CALL(void, perror, (const char* text), text)

CALL(int, socket, (int domain, int type, int protocol), domain, type, protocol)
CALL(int, socketpair, (int domain, int type, int protocol, int* files), domain, type, protocol,
     files)
CALL(int, connect, (int file, const sockaddr* to, socklen_t size), file, to, size)
CALL(int, bind, (int file, const sockaddr* to, socklen_t size), file, to, size)
CALL(int, listen, (int file, int most), file, most)
CALL(int, accept, (int file, sockaddr* from, socklen_t* size), file, from, size)
CALL(int, shutdown, (int file, int how), file, how)
CALL(ssize_t, send, (int file, const void* from, size_t size, int flags), file, from, size, flags)
CALL(ssize_t, sendto,
     (int file, const void* from, size_t size, int flags, const sockaddr* to, socklen_t length),
     file, from, size, flags, to, length)
CALL(ssize_t, sendmsg, (int file, const msghdr* message, int flags), file, message, flags)
CALL(ssize_t, recv, (int file, void* to, size_t size, int flags), file, to, size, flags)
CALL(ssize_t, recvfrom,
     (int file, void* to, size_t size, int flags, sockaddr* from, socklen_t* length), file, to,
     size, flags, from, length)
CALL(ssize_t, recvmsg, (int file, msghdr* message, int flags), file, message, flags)
CALL(int, getaddrinfo,
     (const char* node, const char* service, const addrinfo* hints, addrinfo** result), node,
     service, hints, result)

CALL(pid_t, fork, ())
CALL(pid_t, waitpid, (pid_t process, int* status, int flags), process, status, flags)
CALL(int, system, (const char* command), command)
CALL(int, kill, (pid_t process, int signal), process, signal)
CALL(int, raise, (int signal), signal)

CALL(void*, dlopen, (const char* path, int flags), path, flags)
CALL(void*, dlsym, (void* library, const char* name), library, name)
CALL(int, dlclose, (void* library), library)
CALL(int, dladdr, (const void* address, Dl_info* found), address, found)
CALL(long, syscall, (long number, long a, long b, long c, long d, long e, long f), number, a, b, c,
     d, e, f)

// The C library's own functions to print do not come by way of the ones that take a va_list.
extern "C" {
int printf(const char* format, ...) {
    real_time::notice("printf");
    va_list arguments;
    va_start(arguments, format);
    const real_time::Unwatched once;
    const int result = vprintf(format, arguments);
    va_end(arguments);
    return result;
}
int fprintf(FILE* file, const char* format, ...) {
    real_time::notice("fprintf");
    va_list arguments;
    va_start(arguments, format);
    const real_time::Unwatched once;
    const int result = vfprintf(file, format, arguments);
    va_end(arguments);
    return result;
}
int dprintf(int file, const char* format, ...) {
    real_time::notice("dprintf");
    va_list arguments;
    va_start(arguments, format);
    const real_time::Unwatched once;
    const int result = vdprintf(file, format, arguments);
    va_end(arguments);
    return result;
}
}

void* real_time::original(const char* name) noexcept {
    const Unwatched looking;
    // Of those that have two versions the newer one; the loader may give the older one.
    for (const char* version : {"GLIBC_2.3.2", "GLIBC_2.34"}) {
        if (void* const function = dlvsym(RTLD_NEXT, name, version)) return function;
    }
    // Not by the name, which is this file's own.
    using Look = void* (*)(void*, const char*);
    static const Look look = [] {
        void* found = nullptr;
        for (const char* version : {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5", "GLIBC_2.0"}) {
            if (!found) found = dlvsym(RTLD_NEXT, "dlsym", version);
        }
        return reinterpret_cast<Look>(found);
    }();
    return look(RTLD_NEXT, name);
}
#endif
