/* SPDX-License-Identifier: Apache-2.0 */
/* The hook module, as an attack loads and unloads it. No session may be open then. */
#ifndef PF_KIT_MODULE_H
#define PF_KIT_MODULE_H

#include <stdint.h>

/* 0 or -errno. Parameters as insmod has them: "name=value". */
int module_load(const char *parameters);
int module_unload(void);
/* The same, tried again while somebody may be held for as long as this, who keeps the module. */
int module_unload_after(uint64_t hold_ns);

#endif
