// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: the program of the interface on the VF
 *
 * Promise: each frame for the interface meets the program, whichever way it
 * comes. The VF runs it in its own driver, from before it carries a frame until
 * after it carried the last one; a VF that does not run it carries none. Setting
 * a program that the VF refuses changes nothing (R45, R48).
 *
 *	program set	the VF takes it, or it is set nowhere
 *	VF joins	it takes it, or stays unused for as long as there is one
 *	VF leaves	it gives it back; ours is in force all the time (R50)
 *
 * A program that is bound to our device is never handed on, nor one that has maps
 * to redirect by to a driver that redirects nothing and would drop. Sockets (AF_XDP) are
 * those of our queues, and a frame of the VF's cannot be redirected to them: with
 * a program and a socket the VF stays unused too. Nobody tells us of a socket in
 * copy mode, so while there is a program we look each second.
 *
 * Neighbours and locks: see vf.c. RTNL; the VF's
 * driver holds a reference of its own.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "netvsc.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"
#include "xdp/xdp.h"

#define SOCKET_LOOK	HZ

/* Bound to our device: to be run on nothing else. */
static bool vf_xdp_dev_bound(const struct bpf_prog *prog)
{
	return bpf_prog_is_dev_bound(prog->aux);
}

/*
 * Does it know where to redirect to? One that names an interface by its number
 * shows nothing. Where sockets are is asked when there are some.
 */
static bool vf_xdp_has_targets(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;
	bool found = false;
	u32 i;

	mutex_lock(&aux->used_maps_mutex);
	for (i = 0; i < aux->used_map_cnt; i++)
		switch (aux->used_maps[i]->map_type) {
		case BPF_MAP_TYPE_DEVMAP:
		case BPF_MAP_TYPE_DEVMAP_HASH:
		case BPF_MAP_TYPE_CPUMAP:
			found = true;
			break;
		default:
			break;
		}
	mutex_unlock(&aux->used_maps_mutex);
	return found;
}

/* What is to be handed on of a program: it, or nothing. */
static struct bpf_prog *vf_xdp_prog_for(struct bpf_prog *prog,
					struct net_device *vf)
{
	if (!prog || vf_xdp_dev_bound(prog) ||
	    (!netvsc_redirects(vf) && vf_xdp_has_targets(prog)))
		return NULL;
	return prog;
}

/* The VF's driver runs @prog from now on, NULL: none. */
static int vf_xdp_setup(struct netvsc_priv *priv, struct net_device *vf,
			struct bpf_prog *prog, struct netlink_ext_ack *extack)
{
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
		.extack = extack,
	};
	int err;

	if (prog == priv->vf->prog)
		return 0;
	/* Somebody set one at the VF itself. */
	if (dev_xdp_prog_count(vf)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "XDP: the VF has a program of its own");
		return -EBUSY;
	}
	if (prog)
		bpf_prog_inc(prog);
	err = netvsc_xdp_propagate(vf, &bpf);
	if (!err) {
		priv->vf->prog = prog;
		return 0;
	}
	if (prog)
		bpf_prog_put(prog);
	/* Few drivers say why. */
	if (extack && !extack->_msg)
		NL_SET_ERR_MSG_MOD(extack,
				   "XDP: the VF does not take the program");
	return err;
}

static bool vf_xdp_is_blocked(struct netvsc_priv *priv, struct net_device *vf)
{
	struct bpf_prog *prog = rtnl_dereference(priv->xdp_prog);

	if (prog != priv->vf->prog)
		return true;
	/* One set at the VF itself has taken the place of ours. */
	return prog && (dev_xdp_prog_count(vf) ||
			netvsc_xdp_has_sockets(priv->ndev));
}

static void vf_xdp_update_blocked(struct netvsc_priv *priv,
				  struct net_device *vf)
{
	bool blocked = vf_xdp_is_blocked(priv, vf);

	if (blocked && !priv->vf_blocked)
		netdev_info(priv->ndev, "XDP: frames stay off %s while it cannot run the program\n",
			    vf->name);
	WRITE_ONCE(priv->vf_blocked, blocked);
	if (priv->vf->prog)
		netvsc_vf_defer(priv, NETVSC_VF_TASK_CONFIGURE, SOCKET_LOOK);
}

int netvsc_vf_set_xdp(struct net_device *ndev, struct bpf_prog *prog,
		      struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);
	int err;

	if (!vf)
		return 0;
	prog = vf_xdp_prog_for(prog, vf);
	/* The VF may stop for this: frames take the other way meanwhile. */
	if (!prog != !priv->vf->prog) {
		netvsc_vf_event(priv, NETVSC_VF_UNUSABLE);
		netvsc_vf_drain(priv);
	}
	err = vf_xdp_setup(priv, vf, prog, extack);
	if (!err)
		return 0;
	netdev_info(ndev, "XDP: %s does not take the program: %d\n", vf->name,
		    err);
	if (!prog)
		return 0;
	netvsc_vf_update_usable(priv);
	return err;
}

void netvsc_vf_xdp_update(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (!vf)
		return;
	vf_xdp_update_blocked(priv, vf);
	netvsc_vf_update_usable(priv);
	netvsc_vf_drain(priv);
}

void netvsc_vf_configure_xdp(struct netvsc_priv *priv, struct net_device *vf)
{
	struct bpf_prog *prog = rtnl_dereference(priv->xdp_prog);

	priv->vf->prog = NULL;
	prog = vf_xdp_prog_for(prog, vf);
	if (prog)
		vf_xdp_setup(priv, vf, prog, NULL);
	vf_xdp_update_blocked(priv, vf);
}

/*
 * A driver whose device has vanished is left alone: some set their queues up anew
 * to drop a program, and do not survive that. It keeps its reference.
 */
static bool vf_xdp_dev_vanished(const struct net_device *vf)
{
	struct pci_dev *pci = netvsc_vf_pci_dev(vf);
	u16 command;

	if (!pci)
		return false;
	/* Its ids are known to the bus, and say nothing. */
	pci_read_config_word(pci, PCI_COMMAND, &command);
	return PCI_POSSIBLE_ERROR(command);
}

void netvsc_vf_restore_xdp(struct netvsc_priv *priv, struct net_device *vf,
			   bool stays)
{
	int err;

	if (stays || !vf_xdp_dev_vanished(vf))
		err = vf_xdp_setup(priv, vf, NULL, NULL);
	else
		err = priv->vf->prog ? -ENODEV : 0;
	if (err)
		netdev_info(vf, "keeps the program of %s: %d\n",
			    priv->ndev->name, err);
	priv->vf->prog = NULL;
	WRITE_ONCE(priv->vf_blocked, false);
}
