/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_ATOMIC_H
#define _SHIM_LINUX_ATOMIC_H

#define cmpxchg(ptr, old, new)						\
({									\
	__typeof__(*(ptr)) shim_old = (old);				\
	__atomic_compare_exchange_n(ptr, &shim_old, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	shim_old;							\
})

#endif
