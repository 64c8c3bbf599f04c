/* SPDX-License-Identifier: Apache-2.0 */
/* What a call says of files and addresses, by its number on this arch. */
#ifndef PF_CALLS_H
#define PF_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* An argument that a call does not have; as a directory, the working directory. */
#define NO_ARG (-1)

/* Numbers of ordinary calls are below: those of mips o32 begin at 4000 (asm/unistd.h). */
#define CALLS_LOW 5000

enum call_kind {
	CALL_OPEN,    /* gives a file descriptor of what it opened */
	CALL_NAME,    /* makes or removes names in directories */
	CALL_FILE,    /* changes a file that it names */
	CALL_FD,      /* changes a file that is open */
	CALL_CONNECT, /* sends a socket to an address */
	CALL_BIND,    /* gives a socket an address */
	CALL_HEARS,   /* takes in what a socket has received: its buffer, or a struct msghdr */
	CALL_DECIDED, /* what it does hangs on plain arguments */
	CALL_REFUSED, /* what is done by it cannot be seen */
};

/* A path, and the descriptor of the directory where it begins. */
struct call_path {
	signed char dir, path;
};

struct call_form {
	int number;
	enum call_kind kind;
	struct call_path paths[2];
	signed char rename_flags; /* of CALL_NAME: where RENAME_EXCHANGE would be; 0: it has none */
	signed char mode;	  /* of CALL_NAME: where mknod's would be; 0: it has none */
	bool removes;	       /* of CALL_NAME: takes a name away; else it makes one, or moves it */
	bool links;	       /* of CALL_NAME: gives a file another name */
	struct call_path from; /* that file */
	signed char at_flags;  /* where AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW and AT_EMPTY_PATH
				    would be; 0: it has none */
	signed char fd;	       /* of CALL_FD */
	signed char address;   /* of CALL_CONNECT and CALL_BIND: a socket's, its length behind it */
	bool in_header;	       /* the address is in a struct msghdr */
	signed char flags;     /* of CALL_OPEN: where O_CREAT would be */
	bool creates;	       /* of CALL_OPEN: O_CREAT is implied, or hidden in memory */
	bool stays;	       /* of CALL_FILE: a link is not followed */
	unsigned char
		deciding; /* of CALL_DECIDED: a bit for each argument that decides, by its low 32 bits */
	signed char masked; /* one of these, of which only the mask decides */
	uint32_t mask;
	int refusal; /* of CALL_REFUSED: the errno */
};

/* Whether a profile's rules for files and addresses have anything to say of it. */
static inline bool call_is_judged(const struct call_form *form)
{
	return form->kind <= CALL_BIND;
}

/* What of an argument that decides does decide. */
static inline uint32_t call_deciding(const struct call_form *form, unsigned arg, uint64_t value)
{
	return (uint32_t)value & (form->masked == (int)arg ? form->mask : UINT32_MAX);
}

/*
 * The errno that an open with these flags, as openat2 has them, fails with for what is there alone, before
 * anybody asks whether it may be opened; 0: none. A mode of 0: nothing is there.
 */
int call_open_errno(uint64_t flags, mode_t mode);
/* NULL for a call of which only the number is seen. */
const struct call_form *call_form(int number);
/* The nth of all forms, or NULL behind the last. */
const struct call_form *call_form_at(unsigned nth);
/* As the kernel's headers have it, or NULL: the call is newer than we are. */
const char *call_name(int number);
/* The number, or -1. */
int call_number(const char *name);

#endif
