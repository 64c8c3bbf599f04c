/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What /dev/photofinish takes and gives.
 *
 * Every open of the device is a session of its own: its rings, its hooks. Both are gone when it is
 * closed. A session first asks for rings (PF_IOC_RINGS), maps them, then adds hooks (PF_IOC_ADD); a
 * hook says what it looks at, which of that it takes, and what is done then.
 *
 * All numbers are the machine's own: what is shared is memory. Structures have no padding that is
 * not named; what is named `zero` has to be zero.
 */
#ifndef PHOTOFINISH_UAPI_H
#define PHOTOFINISH_UAPI_H

#include <linux/filter.h>
#include <linux/ioctl.h>
#include <linux/types.h>

#define PF_VERSION 3

/* What a hook looks at, and what a record is about. */
enum pf_kind {
	PF_CALL = 1,	    /* a system call, before it is made */
	PF_RETURN = 2,	    /* a system call that comes to its end */
	PF_EXEC = 3,	    /* a new image, before its first instruction */
	PF_FORK = 4,	    /* a new process (not a thread), before it runs */
	PF_EXIT = 5,	    /* a task that ends, thread or process */
	PF_SIGNAL = 6,	    /* a signal that reaches its task */
	PF_OPEN = 7,	    /* a file that is being opened, found and permitted */
	PF_BIND = 8,	    /* a socket that is to get this address of its own */
	PF_CONNECT = 9,	    /* a socket that is to be connected to this address */
	PF_RELEASE = 10,    /* a socket that no descriptor leads to any more */
	PF_UNANSWERED = 11, /* an ioctl(2) that ended with ENOTTY: nobody knew it */
	PF_KINDS,
	/* Of records alone. */
	PF_DROPPED = 16, /* here records are missing, because nobody read fast enough */
	PF_REASON = 17,	 /* why the last ioctl failed */
	PF_PAD = 18,	 /* nothing, up to the ring's end */
};

/* --- what filters see ------------------------------------------------------------------------- */

/*
 * The data of a hook's program, which is classic BPF as for seccomp(2): the first 64 bytes are struct
 * seccomp_data. The arguments are the call's declared ones where the hook declares them, else the
 * registers. Of other kinds:
 *   PF_EXEC    args[0] argc
 *   PF_FORK    args[0] the child's process id
 *   PF_EXIT    args[0] the status as wait(2) has it, args[1] 1 when the task leads its process
 *   PF_SIGNAL  args[0] the signal, args[1] its si_code
 *   PF_OPEN    args[0] its flags, as open(2)'s, args[1] the inode's mode, args[2] to [4] device, inode
 *              number and rdev, as stat(2)'s
 *   PF_BIND, PF_CONNECT  args[0] to [2] the socket's family, type and protocol, args[3] the address'
 *              length, args[4] the socket's inode number, args[5] the address' family
 *   PF_RELEASE args[0] to [2] as these, args[3] the socket's inode number
 *   PF_UNANSWERED  args[0] the command, args[1] its argument, args[2] to [5] rdev, device, inode number
 *              and mode of the file that was asked; number and abi are the call's
 */
struct pf_view {
	__s32 number; /* of the call, -1 for other kinds */
	__u32 abi;    /* AUDIT_ARCH_…; x32's numbers have bit 30 */
	__u64 ip;     /* always 0: nothing here should depend on addresses */
	__u64 args[6];
	/*
	 * Of PF_RETURN: the value or -errno. Where a signal interrupted the call that is mostly -512, -513, -514 or -516
	 * (ERESTARTSYS and such): whether it is made again, or fails with EINTR, is decided later.
	 */
	__s64 result;
	__u32 pid, tid;	  /* process and thread, global: as the initial namespace has them */
	__u32 vpid, vtid; /* as their own namespace has them */
};

/* Runs of a program are bounded by its length, as jumps lead forwards only. */
#define PF_PROGRAM_MOST 512

/* --- ioctls ----------------------------------------------------------------------------------- */

#define PF_IOC 'P'

/* What this module can do on this kernel. */
#define PF_CAN_SET_ARGUMENT (1ull << 0)
#define PF_CAN_SET_RESULT   (1ull << 1)
#define PF_CAN_SKIP	    (1ull << 2) /* a call is not made, and fails as the hook says */
/* What the kernel runs for a task in scope is seen beginning: PF_SCOPE_HELPERS. */
#define PF_CAN_KEEP_HELPERS (1ull << 3)
/* Tasks out of scope do not pay for hooks on calls that are all gated. */
#define PF_CAN_GATE_FREELY (1ull << 4)
/* PF_DO_HOLD and PF_DO_YIELD of PF_CALL. */
#define PF_CAN_HOLD_CALLS (1ull << 5)

struct pf_info {
	__u32 version; /* PF_VERSION */
	__u32 abi;     /* AUDIT_ARCH_… of the kernel's own calls */
	__u32 cpus;    /* that have a ring each */
	__u32 zero;
	__u64 kinds; /* bit by enum pf_kind */
	__u64 abilities;
};

/* Once per session. Then the device can be mapped, `stride` bytes for each CPU. */
struct pf_rings {
	__u32 version;
	__u32 data_bytes; /* of each ring: a power of two from PF_RING_LEAST to PF_RING_MOST */
	__u32 stride; /* given back: a page, the ring's data, and what is left of its last page */
	__u32 zero;
};

#define PF_RING_LEAST (16u << 10)
#define PF_RING_MOST  (4u << 20)

/* How a declared argument lies in the registers that the kernel is given it in. */
struct pf_parameter {
	__u8 place; /* register, counted from 0; on o32 those from 4 on are on the stack */
	__u8 bytes; /* 1, 2, 4, 8; 0: it is not declared */
	__u8 flags;
	__u8 zero;
};

#define PF_PARAMETER_SIGNED 1 /* narrow ones are extended by their sign, not with zeros */
#define PF_PARAMETER_PAIR   2 /* of 8 bytes in `place` and the next, as the ABI orders them */

#define PF_PARAMETERS_MOST 6
#define PF_PLACES	   8

enum pf_deed {
	PF_DO_NOTHING = 0,
	PF_DO_FAIL = 1,		/* PF_CALL: skip it, `value` is the errno */
	PF_DO_SET_ARGUMENT = 2, /* PF_CALL: `index` of the declared ones becomes `value` */
	/*
	 * PF_RETURN, if its call was seen: `value`, -errno for an error. Not of an exec or a sigreturn(2) that is
	 * done: what is in the registers then is no result, but a new program's or that of what was interrupted.
	 */
	PF_DO_SET_RESULT = 3,
	/*
	 * Levers, of all kinds but PF_EXIT and PF_SIGNAL. A call itself is held before it is made; after
	 * everything else its task is held before it is back in user mode.
	 */
	PF_DO_HOLD = 4,	 /* for a time from 0 to `value` ns, which is drawn */
	PF_DO_YIELD = 5, /* whoever else is ready goes first, until the kernel's next tick */
	PF_DO_NICE = 6,	 /* its nice value becomes `value`, for good */
};

#define PF_HOLD_MOST 1000000000 /* a second */

#define PF_RECORD 1 /* matches are recorded */
/* Only who is in scope: in another UTS namespace than the one that the module was loaded in. */
#define PF_SCOPED 2
/* With PF_SCOPED: who was in scope stays in it, wherever it goes. */
#define PF_SCOPE_KEPT 4
/* With PF_SCOPED: nobody need be in scope yet. Without it, an empty scope is an error. */
#define PF_SCOPE_LATER 8
/*
 * With PF_SCOPE_KEPT: and so is what the kernel runs for it (call_usermodehelper), if it asks for that itself: what a
 * thread of the kernel's asks for, as of cgroup v1's release_agent, is nobody's.
 */
#define PF_SCOPE_HELPERS 16

struct pf_hook {
	__u32 version;
	__u32 kind;	/* enum pf_kind */
	__u32 flags;	/* PF_RECORD, PF_SCOPED, … */
	__s32 priority; /* lower ones come first; of equals the older */
	__u32 abi;	/* AUDIT_ARCH_…, or 0 for all */
	__s32 number;	/* of the call; -1: all */
	char comm[16];	/* the task's whole name; empty: any */
	struct pf_parameter parameters[PF_PARAMETERS_MOST];
	__u32 deed; /* enum pf_deed */
	__u32 index;
	__s64 value;
	__u32 length; /* of the program, in instructions; 0: everything matches */
	/* Of levers: what is drawn for the n-th match depends on n and the seed alone. */
	__u32 one_in; /* about one match in so many; 0 and 1: each */
	__aligned_u64 seed;
	__aligned_u64 program; /* address of struct sock_filter[length]: returns 0 for no match */
};

struct pf_counts {
	__u32 hook;
	__u32 zero;
	__u64 matched;
	__u64 recorded; /* those that found room */
	__u64 dropped;	/* those that did not */
	__u64 done;	/* deeds */
	/* Deeds, or looks at arguments, for which there was no room; results of no call; ends without a call. */
	__u64 failed;
};

#define PF_IOC_INFO   _IOR(PF_IOC, 0, struct pf_info)
#define PF_IOC_RINGS  _IOWR(PF_IOC, 1, struct pf_rings)
#define PF_IOC_ADD    _IOW(PF_IOC, 2, struct pf_hook) /* returns its number, from 1 on */
#define PF_IOC_REMOVE _IO(PF_IOC, 3)		      /* of the hook with this number */
#define PF_IOC_COUNTS _IOWR(PF_IOC, 4, struct pf_counts)

#define PF_HOOKS_MOST 256 /* of all sessions together */

/* --- rings ------------------------------------------------------------------------------------ */

/*
 * The page before a ring's data. Positions run on and are masked on use. The kernel stores `head`
 * with release after the records before it are whole; the reader stores `tail` with release after it
 * is done with those before it.
 */
struct pf_ring {
	__u32 head; /* the kernel's */
	__u32 room[15];
	__u32 tail; /* the reader's */
	__u32 more[15];
	__u32 dropped; /* records, modulo 2^32; PF_DROPPED records tell where */
};

/* Records lie one behind the other at multiples of this, whole: none goes over the ring's end. */
#define PF_RECORD_ALIGN 16

struct pf_record {
	__u16 kind;
	__u16 flags;
	__u32 length; /* of the whole record */
	__u64 t_ns;   /* CLOCK_MONOTONIC */
};

#define PF_TRUNCATED 1 /* of data: not all of it is there */
#define PF_SKIPPED   2 /* of PF_CALL: a hook before this one had it skipped */
/* Of PF_RETURN: its call was not seen, or was none, as seccomp refused it. args are 0, and no result is set. */
#define PF_NO_CALL 4

struct pf_event {
	struct pf_record head;
	__u32 hook;
	__u32 zero;
	struct pf_view view;
};

/* What the kernel copied, not what was asked for. */
struct pf_exec_event {
	struct pf_event event;
	__u16 path_bytes; /* of data that are the path */
	__u16 argv_bytes; /* behind it: the arguments, each but a cut one with its NUL */
	__u32 zero;
	__u8 data[];
};

/* PF_OPEN: where the file is, for its opener. PF_TRUNCATED: only the beginning, or nothing at all. */
struct pf_path_event {
	struct pf_event event;
	__u16 path_bytes;
	__u16 zero[3];
	__u8 data[];
};

/* PF_BIND, PF_CONNECT: the kernel's copy of the address, without what lies behind its length. */
struct pf_address_event {
	struct pf_event event;
	__u16 address_bytes;
	__u16 zero[3];
	__u8 data[];
};

#define PF_PATH_MOST	256
#define PF_ARGV_MOST	256
#define PF_ADDRESS_MOST 128

struct pf_dropped_record {
	struct pf_record head; /* its time is that of the first one missing */
	__u64 count;
	__u64 zero;
};

struct pf_reason_record {
	struct pf_record head;
	char text[112]; /* NUL-terminated */
};

_Static_assert(sizeof(struct pf_view) == 88, "shared");
_Static_assert(sizeof(struct pf_hook) == 104, "shared");
_Static_assert(sizeof(struct pf_event) == 112, "shared");
_Static_assert(sizeof(struct pf_exec_event) == 120, "shared");
_Static_assert(sizeof(struct pf_path_event) == 120, "shared");
_Static_assert(sizeof(struct pf_address_event) == 120, "shared");
_Static_assert(sizeof(struct pf_counts) == 48, "shared");

#endif
