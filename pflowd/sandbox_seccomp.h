/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What differs between Linux's architectures.  Those without SANDBOX_ARCH have
 * sandbox_none.c: on some of them sockets share one system call whose argument
 * a filter cannot see.
 */

#ifndef SANDBOX_SECCOMP_H
#define SANDBOX_SECCOMP_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <stddef.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__LP64__) && !defined(__AARCH64EB__)
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define SANDBOX_ARCH AUDIT_ARCH_RISCV64
#endif

/* Where the low half of an argument is: all of the above are little-endian. */
#define SANDBOX_ARG(n) (offsetof(struct seccomp_data, args) + 8 * (size_t)(n))

/* A call that there is not on this architecture, or in these headers. */
#define SANDBOX_ABSENT (-1)

#ifndef __NR_accept
#define __NR_accept SANDBOX_ABSENT
#endif
#ifndef __NR_access
#define __NR_access SANDBOX_ABSENT
#endif
#ifndef __NR_chmod
#define __NR_chmod SANDBOX_ABSENT
#endif
#ifndef __NR_chown
#define __NR_chown SANDBOX_ABSENT
#endif
#ifndef __NR_clone3
#define __NR_clone3 SANDBOX_ABSENT
#endif
#ifndef __NR_close_range
#define __NR_close_range SANDBOX_ABSENT
#endif
#ifndef __NR_creat
#define __NR_creat SANDBOX_ABSENT
#endif
#ifndef __NR_dup2
#define __NR_dup2 SANDBOX_ABSENT
#endif
#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2 SANDBOX_ABSENT
#endif
#ifndef __NR_epoll_wait
#define __NR_epoll_wait SANDBOX_ABSENT
#endif
#ifndef __NR_execveat
#define __NR_execveat SANDBOX_ABSENT
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 SANDBOX_ABSENT
#endif
#ifndef __NR_fork
#define __NR_fork SANDBOX_ABSENT
#endif
#ifndef __NR_fsconfig
#define __NR_fsconfig SANDBOX_ABSENT
#endif
#ifndef __NR_fsmount
#define __NR_fsmount SANDBOX_ABSENT
#endif
#ifndef __NR_fsopen
#define __NR_fsopen SANDBOX_ABSENT
#endif
#ifndef __NR_getpgrp
#define __NR_getpgrp SANDBOX_ABSENT
#endif
#ifndef __NR_io_uring_enter
#define __NR_io_uring_enter SANDBOX_ABSENT
#endif
#ifndef __NR_io_uring_register
#define __NR_io_uring_register SANDBOX_ABSENT
#endif
#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup SANDBOX_ABSENT
#endif
#ifndef __NR_kexec_file_load
#define __NR_kexec_file_load SANDBOX_ABSENT
#endif
#ifndef __NR_lchown
#define __NR_lchown SANDBOX_ABSENT
#endif
#ifndef __NR_link
#define __NR_link SANDBOX_ABSENT
#endif
#ifndef __NR_lstat
#define __NR_lstat SANDBOX_ABSENT
#endif
#ifndef __NR_mkdir
#define __NR_mkdir SANDBOX_ABSENT
#endif
#ifndef __NR_mknod
#define __NR_mknod SANDBOX_ABSENT
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr SANDBOX_ABSENT
#endif
#ifndef __NR_move_mount
#define __NR_move_mount SANDBOX_ABSENT
#endif
#ifndef __NR_newfstatat
#define __NR_newfstatat SANDBOX_ABSENT
#endif
#ifndef __NR_open
#define __NR_open SANDBOX_ABSENT
#endif
#ifndef __NR_open_tree
#define __NR_open_tree SANDBOX_ABSENT
#endif
#ifndef __NR_openat2
#define __NR_openat2 SANDBOX_ABSENT
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd SANDBOX_ABSENT
#endif
#ifndef __NR_pidfd_open
#define __NR_pidfd_open SANDBOX_ABSENT
#endif
#ifndef __NR_pidfd_send_signal
#define __NR_pidfd_send_signal SANDBOX_ABSENT
#endif
#ifndef __NR_pkey_mprotect
#define __NR_pkey_mprotect SANDBOX_ABSENT
#endif
#ifndef __NR_poll
#define __NR_poll SANDBOX_ABSENT
#endif
#ifndef __NR_readlink
#define __NR_readlink SANDBOX_ABSENT
#endif
#ifndef __NR_rename
#define __NR_rename SANDBOX_ABSENT
#endif
#ifndef __NR_renameat
#define __NR_renameat SANDBOX_ABSENT
#endif
#ifndef __NR_rmdir
#define __NR_rmdir SANDBOX_ABSENT
#endif
#ifndef __NR_stat
#define __NR_stat SANDBOX_ABSENT
#endif
#ifndef __NR_statx
#define __NR_statx SANDBOX_ABSENT
#endif
#ifndef __NR_symlink
#define __NR_symlink SANDBOX_ABSENT
#endif
#ifndef __NR_time
#define __NR_time SANDBOX_ABSENT
#endif
#ifndef __NR_umount2
#define __NR_umount2 SANDBOX_ABSENT
#endif
#ifndef __NR_unlink
#define __NR_unlink SANDBOX_ABSENT
#endif
#ifndef __NR_userfaultfd
#define __NR_userfaultfd SANDBOX_ABSENT
#endif
#ifndef __NR_ustat
#define __NR_ustat SANDBOX_ABSENT
#endif
#ifndef __NR_utime
#define __NR_utime SANDBOX_ABSENT
#endif
#ifndef __NR_vfork
#define __NR_vfork SANDBOX_ABSENT
#endif

#endif
