/* SPDX-License-Identifier: Apache-2.0 */
/* `warden learn`: from its words to the profile's file. */
#ifndef PF_LEARN_H
#define PF_LEARN_H

/* argv from the word behind `learn` on. The exit status. */
int learn(char **argv);

#endif
