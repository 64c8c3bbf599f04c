// SPDX-License-Identifier: Apache-2.0
/* What is heard on sockets: answers of the DNS and requests of HTTP, good ones and any others. */
#include "learn/talk.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

/* example.org asked for; an alias and one address of each kind. The name is at 12, so it is pointed to by c0 0c. */
static const unsigned char answer[] =
	"\x12\x34\x81\x80\0\1\0\3\0\0\0\0"
	"\7example\3org\0\0\1\0\1"
	"\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3www\xc0\x0c"
	"\xc0\x29\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"
	"\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1";

static char heard[4096];

static void hear(void *context, const char *line)
{
	unsigned *count = context;

	++*count;
	if (strlen(heard) + strlen(line) + 2 < sizeof(heard)) {
		strcat(heard, line);
		strcat(heard, "\n");
	}
}

static unsigned listen_to(const unsigned char *bytes, size_t size)
{
	/* Of its very size, so that a sanitizer sees a read behind its end. */
	unsigned char *copy = malloc(size ? size : 1);
	unsigned count = 0;

	heard[0] = '\0';
	memcpy(copy, bytes, size);
	talk_answer(copy, size, hear, &count);
	free(copy);
	return count;
}

static void test_answers(void)
{
	unsigned char bytes[sizeof(answer) - 1];
	unsigned most = 0;

	ok(listen_to(answer, sizeof(answer) - 1) == 2 &&
		   !strcmp(heard, "192.0.2.1 example.org\n2001:db8::1 example.org\n"),
	   "addresses of both kinds go by the name that was asked for");
	for (size_t n = 0; n < sizeof(answer) - 1; n++)
		if (listen_to(answer, n) > most)
			most = listen_to(answer, n);
	ok(most == 1, "an answer that is cut off says less, and nothing wrong");
	memcpy(bytes, answer, sizeof(bytes));
	bytes[2] = 1;
	ok(listen_to(bytes, sizeof(bytes)) == 0, "a question is no answer");
	memcpy(bytes, answer, sizeof(bytes));
	bytes[3] = 3;
	ok(listen_to(bytes, sizeof(bytes)) == 0, "nor is an error");
	memcpy(bytes, answer, sizeof(bytes));
	bytes[12] = 0xc0;
	bytes[13] = 12;
	ok(listen_to(bytes, sizeof(bytes)) == 0, "a name that points to itself comes to an end");
	memcpy(bytes, answer, sizeof(bytes));
	bytes[14] = '\n';
	ok(listen_to(bytes, sizeof(bytes)) == 0, "a name with a line's end in it is not shown");
	srand(1);
	for (int i = 0; i < 200000; i++) {
		memcpy(bytes, answer, sizeof(bytes));
		for (int j = rand() % 4; j >= 0; j--)
			bytes[(size_t)rand() % sizeof(bytes)] = (unsigned char)rand();
		(void)listen_to(bytes, (size_t)rand() % (sizeof(bytes) + 1));
	}
	ok(true, "two hundred thousand damaged ones were borne");
}

static bool request(const char *text, char out[512])
{
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);
	bool is;

	memcpy(copy, text, n);
	is = talk_request(copy, n, out, 512);
	free(copy);
	return is;
}

static void test_requests(void)
{
	static const char *const others[] = {
		"",
		"GET",
		"GET ",
		"GET /",
		"GET / HTTP/2.0\r\n\r\n",
		"FETCH / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\n HTTP/1.1\r\n\r\n",
		"\x16\x03\x01\x02",
		"get / HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	unsigned wrong = 0;
	char out[512];

	ok(request("GET /a?b HTTP/1.1\r\nUser-Agent: x\r\nhOST:  example.org:80\r\n\r\n", out) &&
		   !strcmp(out, "GET http://example.org:80/a?b"),
	   "a request has its host");
	ok(request("POST http://example.org/ HTTP/1.1\r\nHost: proxy\r\n\r\n", out) &&
		   !strcmp(out, "POST http://example.org/"),
	   "one to a proxy has it in its path");
	ok(request("HEAD / HTTP/1.0\r\n\r\n", out) && !strcmp(out, "HEAD /"),
	   "an old one has none");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		wrong += request(others[i], out);
	ok(wrong == 0, "anything else is none");
}

int main(void)
{
	test_answers();
	test_requests();
	return tap_done();
}
