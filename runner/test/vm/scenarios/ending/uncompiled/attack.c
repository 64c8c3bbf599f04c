// SPDX-License-Identifier: Apache-2.0
/* The compiler has something to say about this one. */
int main(void)
{
	return a_word_that_nobody_declared;
}
