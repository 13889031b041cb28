/* SPDX-License-Identifier: GPL-2.0 */
/* Room debugfs: the state of an interface, for whoever looks for a fault. */
#ifndef _NETVSC_DEBUGFS_H
#define _NETVSC_DEBUGFS_H

struct net_device;

/**
 * netvsc_debugfs_begin_module() - before the first interface
 *
 * Without debugfs, or without memory for it, there is nothing to see, and nobody minds.
 */
void netvsc_debugfs_begin_module(void);

/**
 * netvsc_debugfs_end_module() - after the last interface
 */
void netvsc_debugfs_end_module(void);

/**
 * netvsc_debugfs_add() - files of an interface
 * @ndev: the interface, the driver's data of its bus device
 *
 * Context: process.
 */
void netvsc_debugfs_add(struct net_device *ndev);

/**
 * netvsc_debugfs_del() - undo netvsc_debugfs_add()
 * @ndev: the interface; without files is fine
 *
 * On return nobody is reading, and files that are open give nothing any more.
 *
 * Context: process.
 */
void netvsc_debugfs_del(struct net_device *ndev);

#endif /* _NETVSC_DEBUGFS_H */
