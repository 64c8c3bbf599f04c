// SPDX-License-Identifier: Apache-2.0
#include "tiny.h"
#include "broken.h"

#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE	  0x400000
#define ALIGNMENT 0x10000 /* the largest page of all arches */
#define CODE_MOST 64

/* argv[1] lies behind argc and argv[0]; exit(2) has the lowest byte of its argument as status. */
__asm__(".globl kit_tiny_code, kit_tiny_end\n" /* as C takes them */
	".hidden kit_tiny_code, kit_tiny_end\n"
	".pushsection .rodata\n"
	"	.balign 8\n"
#if defined(__x86_64__)
	"kit_tiny_code:\n"
	"	movq 16(%rsp), %rax\n"
	"	movzbl (%rax), %edi\n"
	"	movl $60, %eax\n"
	"	syscall\n"
#elif defined(__aarch64__)
	"kit_tiny_code:\n"
	"	ldr x0, [sp, #16]\n"
	"	ldrb w0, [x0]\n"
	"	mov x8, #93\n"
	"	svc #0\n"
#elif defined(__arm__)
	"	.arm\n"
	"kit_tiny_code:\n"
	"	ldr r0, [sp, #8]\n"
	"	ldrb r0, [r0]\n"
	"	mov r7, #1\n"
	"	svc #0\n"
#elif defined(__mips__)
	"	.set push\n"
	"	.set noreorder\n"
	"kit_tiny_code:\n"
	"	lw $4, 8($29)\n"
	"	nop\n"
	"	lbu $4, 0($4)\n"
	"	li $2, 4001\n"
	"	syscall\n"
	"	nop\n"
	"	.set pop\n"
#else
#error "how does a program end here?"
#endif
	"kit_tiny_end:\n"
	"	.popsection\n");

extern const char kit_tiny_code[], kit_tiny_end[];

struct image {
	ElfW(Ehdr) head;
	ElfW(Phdr) segment;
	char code[CODE_MOST];
};

/* Of the running program, which says what machine it is for. */
static ElfW(Ehdr) own_head(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ElfW(Ehdr) head;

	if (fd < 0 || read(fd, &head, sizeof(head)) != (ssize_t)sizeof(head) || close(fd))
		kit_broken("/proc/self/exe");
	return head;
}

void tiny_make(void)
{
	size_t size = (size_t)(kit_tiny_end - kit_tiny_code);
	struct image image = { .head = own_head() };
	int fd;

	image.head.e_type = ET_EXEC;
	image.head.e_entry = BASE + offsetof(struct image, code);
	image.head.e_phoff = offsetof(struct image, segment);
	image.head.e_phnum = 1;
	image.head.e_shoff = 0;
	image.head.e_shnum = image.head.e_shstrndx = 0;
	image.segment = (ElfW(Phdr)){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = BASE,
		.p_paddr = BASE,
		.p_filesz = sizeof(image),
		.p_memsz = sizeof(image),
		.p_align = ALIGNMENT,
	};
	if (size > sizeof(image.code))
		kit_broken("tiny");
	memcpy(image.code, kit_tiny_code, size);
	fd = open(TINY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0 || write(fd, &image, sizeof(image)) != (ssize_t)sizeof(image) || close(fd))
		kit_broken(TINY);
}
