/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: train - runs of consecutive TCP segments, for receive segment coalescing: the
 * verb gen.tcp. Frames leave by the generator's port.
 */
#ifndef HVHOST_BACKEND_TRAIN_H
#define HVHOST_BACKEND_TRAIN_H

#include "switch.h"

/** train_setup() - @port sends; registers the verb */
void train_setup(struct switch_port *port);

/** train_teardown() - ends what runs */
void train_teardown(void);

#endif
