# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# DOC: what the scripts beside it share: which kernel can have our module, does
# it let the module in, and what has to follow a change below /lib/modules.
#
# A module in updates/ hides the in-tree one for good: when it does not load,
# nothing falls back and the machine has no NIC. So all doubts come first, and a
# step that fails puts the in-tree driver back.

export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
NETVSC_TOP=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
DKMS_CONF=$NETVSC_TOP/drivers/net/hyperv/dkms.conf
DKMS_TREE=/var/lib/dkms

say() { echo "hv_netvsc: $*" >&2; }
refuse() { say "refused: $*"; exit 1; }

# conf_value NAME: of dkms.conf
conf_value() { sed -n "s/^$1=\"\(.*\)\"/\1/p" "$DKMS_CONF"; }

# resolved KERNEL: the file that modprobe takes there
resolved() { modinfo -k "$1" -n hv_netvsc 2>/dev/null; }

# kernel_number RELEASE: a number to compare; 0 for what is no release
kernel_number()
{
	[[ $1 =~ ^([0-9]+)\.([0-9]+) ]] || { echo 0; return; }
	echo $((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))
}

# runs_built_in KERNEL: what is part of the running kernel has parameters, and nothing of a module.
runs_built_in()
{
	[ "$1" = "$(uname -r)" ] && [ -d /sys/module/hv_netvsc ] && [ ! -e /sys/module/hv_netvsc/initstate ]
}

# kernel_fits KERNEL: can it have our module at all? Says why not.
kernel_fits()
{
	local config=/lib/modules/$1/build/.config option first last number
	first=$(conf_value NETVSC_FIRST) last=$(conf_value NETVSC_LAST) number=$(kernel_number "$1")

	if ((number < $(kernel_number "$first") || number > $(kernel_number "$last"))); then
		say "kernel $1 is not one of $first to $last, which this driver is for: it keeps its own"
		return 1
	fi
	if grep -qs '/hv_netvsc\.ko$' "/lib/modules/$1/modules.builtin" || runs_built_in "$1"; then
		say "kernel $1 has its hv_netvsc built in (CONFIG_HYPERV_NET=y): no module can take its place"
		return 1
	fi
	for option in CONFIG_HYPERV CONFIG_PAGE_POOL; do
		[ -e "$config" ] || break
		grep -q "^$option=[ym]" "$config" && continue
		say "kernel $1 has no $option, which this driver needs: it keeps its own"
		return 1
	done
}

# ---- signatures -------------------------------------------------------------

# kernel_insists: does the running kernel refuse modules without a good signature? Prints how it is so.
kernel_insists()
{
	if grep -qsx '[Y1]' /sys/module/module/parameters/sig_enforce; then
		echo "the kernel takes signed modules only (module.sig_enforce)"
	elif grep -qsE '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown; then
		echo "the kernel is locked down and takes signed modules only"
	else
		return 1
	fi
}

# secure_boot: is it on? Then the next kernel may insist although this one does not.
secure_boot()
{
	local variable=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

	if command -v mokutil >/dev/null; then
		mokutil --sb-state 2>/dev/null | grep -qi '^SecureBoot enabled' || return 1
	else
		[ "$(od -An -t u1 -j 4 -N 1 "$variable" 2>/dev/null | tr -d ' ')" = 1 ] || return 1
	fi
	echo "Secure Boot is on"
}

insists() { kernel_insists || secure_boot; }

# asked FILE KERNEL: would the running kernel let this module in? The kernel itself is asked: it
# looks at the signature first, and later at a value that ring_size cannot have, so that nothing
# is ever loaded. Prints what it said against it.
asked()
{
	local answer
	answer=$(insmod "$1" ring_size=none 2>&1)
	case $answer in
	*"File exists"* | *"Invalid parameters"* | *"Unknown symbol"*) return 0 ;;
	# Of another kernel: its signature was good, or it had not come to that.
	*"Invalid module format"*) [ "$2" = "$(uname -r)" ] || return 0 ;;
	esac
	echo "${answer##*: }"
	return 1
}

# enrolled FILE: is it signed with a key of the machine owner's list?
enrolled()
{
	local serial
	serial=$(modinfo -F sig_key "$1" 2>/dev/null | tr -d : | tr A-F a-f)
	[ -n "$serial" ] && mokutil --list-enrolled 2>/dev/null | tr -d ': \n' | tr A-Z a-z |
		grep -qF "serialnumber$serial" && return 0
	echo "its key is not among the enrolled ones (mokutil --list-enrolled)"
	return 1
}

# let_in FILE KERNEL: true when nothing stands in the module's way, or FORCE does not mind.
let_in()
{
	local how why
	how=$(insists) || return 0
	if kernel_insists >/dev/null; then
		why=$(asked "$1" "$2") && return 0
	else
		why=$(enrolled "$1") && return 0
	fi
	say "$how, and this module would not load: $why"
	if [ -n "${FORCE-}" ]; then
		say "going on all the same, as FORCE is set: without a good signature the next boot has no NIC"
		return 0
	fi
	say "sign it with an enrolled key first: Documentation/install.md, Secure Boot (FORCE=1 goes on without)"
	return 1
}

# dkms_setting NAME DEFAULT: of dkms' own configuration
dkms_setting()
{
	local value
	value=$(sed -n "s/^[[:space:]]*$1=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}[[:space:]]*\$/\1/p" \
		/etc/dkms/framework.conf /etc/dkms/framework.conf.d/*.conf 2>/dev/null | tail -n 1)
	echo "${value:-$2}"
}

signature_passes() { insmod "$1" 2>&1 | grep -q "Invalid module format"; }

# probed SIGN-FILE KEY CERT: does the running kernel take what is signed so? It is given a file that is
# no module: without the signature it must object to that, with it only to the rest.
probed()
{
	local probe status
	probe=$(mktemp) && echo netvsc >"$probe" || return 1
	! signature_passes "$probe" && "$1" sha256 "$2" "$3" "$probe" 2>/dev/null && signature_passes "$probe"
	status=$?
	rm -f "$probe"
	return $status
}

# dkms_key_good KERNEL: would what DKMS signs be let in? Before anything is built.
dkms_key_good()
{
	local how key cert status=1 default=$DKMS_TREE/mok.key,$DKMS_TREE/mok.pub
	local signer=/lib/modules/$1/build/scripts/sign-file
	how=$(insists) || return 0
	[ -z "${FORCE-}" ] || return 0
	[ ! -e /var/lib/shim-signed/mok/MOK.der ] ||
		default=/var/lib/shim-signed/mok/MOK.priv,/var/lib/shim-signed/mok/MOK.der
	key=$(dkms_setting mok_signing_key "${default%,*}")
	cert=$(dkms_setting mok_certificate "${default#*,}")
	# Headers may come later than a package that asks.
	if [ -e "$cert" ] && [ -x "$signer" ] && kernel_insists >/dev/null; then
		probed "$signer" "$key" "$cert"
		status=$?
	elif [ -e "$cert" ]; then
		mokutil --test-key "$cert" 2>/dev/null | grep -q "already enrolled"
		status=$?
	fi
	[ "$status" = 0 ] && return 0
	say "$how, and the key that DKMS signs with ($cert) is not enrolled: kernel $1 keeps its own driver"
	say "to enrol it: Documentation/install.md, Secure Boot (FORCE=1 goes on without)"
	return 1
}

# ---- what follows a change --------------------------------------------------

# way_back: what a boot with hv_netvsc=in-tree wants in the initramfs comes with the first module of ours and goes with the
# last one. The package has it in /usr/share.
way_back()
{
	local to=/etc/initramfs-tools
	[ -d "$to" ] && [ ! -e /usr/share/initramfs-tools/hooks/hv_netvsc ] || return 0
	if compgen -G "/lib/modules/*/updates/hv_netvsc.ko" >/dev/null || compgen -G "/lib/modules/*/updates/dkms/hv_netvsc.ko*" >/dev/null; then
		install -D -m 755 "$NETVSC_TOP/packaging/initramfs/hook" $to/hooks/hv_netvsc &&
			install -D -m 755 "$NETVSC_TOP/packaging/initramfs/init-top" $to/scripts/init-top/hv_netvsc
	else
		rm -f $to/hooks/hv_netvsc $to/scripts/init-top/hv_netvsc
	fi
}

# renew KERNEL: modprobe's tables, and the initramfs, whose copy of the module is what boots.
renew()
{
	way_back || return 1
	[ -d "/lib/modules/$1/kernel" ] || return 0
	depmod "$1" || return 1
	if ! command -v update-initramfs >/dev/null; then
		say "no update-initramfs here: renew the initramfs of $1 with the tool of this distribution"
	elif [ -e "/boot/initrd.img-$1" ]; then
		update-initramfs -u -k "$1"
	fi
}
