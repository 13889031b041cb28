/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: pci - a PCI bus with nothing on it but its host bridge, at 0xCF8/0xCFC.
 *
 * Linux enters persistent memory of the e820 map into its resource tree only in
 * the course of PCI set-up; a machine without any PCI has no /dev/pmem.
 */
#ifndef HVHOST_VM_PCI_H
#define HVHOST_VM_PCI_H

/**
 * pci_setup() - registers the ports
 *
 * Return: 0 or -ENOSPC.
 */
int pci_setup(void);

#endif
