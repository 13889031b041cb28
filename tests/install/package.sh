# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # what cases has
#
# The group "package" of tests/install/cases: hv-netvsc-dkms as it was built, then
# packages of it with small drivers. Sourced there.

# small_package VERSION MARK: the package with a driver that is built in no time, /tmp/VERSION.deb
small_package()
{
	local dir=/tmp/package-$1 sources old
	dpkg-deb -R "$deb" "$dir" || return 1
	old=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$dir"/usr/src/hv_netvsc-*/dkms.conf)
	sources=$dir/usr/src/hv_netvsc-$1
	mv "$dir/usr/src/hv_netvsc-$old" "$sources"
	(cd "$sources" && small_driver "$2")
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" "$sources/dkms.conf" "$sources/drivers/net/hyperv/dkms.conf"
	sed -i "s/^MODULE_VERSION.*/MODULE_VERSION(\"$1\");/" "$sources/drivers/net/hyperv/main.c"
	sed -i "s/^Version: .*/Version: $1/" "$dir/DEBIAN/control"
	sed -i -e "s/^DKMS_VERSION=.*/DKMS_VERSION=$1/" -e "s,hv_netvsc\([-/]\)$old,hv_netvsc\1$1,g" "$dir/DEBIAN/postinst" "$dir/DEBIAN/prerm"
	rm "$dir/DEBIAN/md5sums"
	[ -z "${3-}" ] || "$3" "$sources"
	dpkg-deb --root-owner-group -Znone -b "$dir" "/tmp/$1.deb" >/dev/null
}

cannot_be_built() { echo '#error broken' >>"$1/drivers/net/hyperv/main.c"; }
# What was refused once dpkg knows by name.
is_absent() { is "$(dpkg-query -W -f '${db:Status-Status}' hv-netvsc-dkms 2>/dev/null | grep -vx not-installed)" ""; }
everything() { find /boot /etc /lib/ /usr /var -xdev ! -path '/var/log/*' ! -path '/var/lib/dpkg/*' ! -path '/var/cache/*' ! -path '/var/lib/dkms/mok.*' | sort; }
# Nothing that was not there before.
nothing_is_left() { is "$(everything | comm -13 /tmp/before -)" "" && is_absent; }
has_only() { is "$(dkms_has)" "hv_netvsc/$1, $K, x86_64: installed"; }

# not_taken SENTENCE: the package is refused with that, and nothing has changed
not_taken()
{
	refused "$1" dpkg -i "$deb" && nothing_is_left && is "$(resolved)" "$intree"
}

report_is_good()
{
	hv_netvsc-report -o /tmp/report || return 1
	grep -q "^filename:.*$(uname -r)\|^hv_netvsc/0" /tmp/report && grep -q "^hv-netvsc-dkms .* installed" /tmp/report
}

group_package()
{
	local deb
	deb=$(echo /src/hv-netvsc-dkms_*.deb)
	everything >/tmp/before
	package_whole
	small_package 0.8.0 zero
	small_package 0.8.1 one
	small_package 0.8.2 two cannot_be_built
	package_versions
	package_kernels
	package_refused
	package_secure
}

package_whole()
{
	point "the package is installed" dpkg -i "$deb"
	point "its module boots, from the initramfs, too" boots $by_dkms
	point "the way back is in the initramfs" way_back_is_in "$intree"
	point "it is the driver" is "$(modinfo -k "$K" -F description hv_netvsc)" \
		"$(sed -n 's/^MODULE_DESCRIPTION("\(.*\)");/\1/p' drivers/net/hyperv/main.c)"
	point "its files are as packed" is "$(dpkg -V hv-netvsc-dkms | grep -v /usr/share/)" ""
	point "hv_netvsc-report runs" report_is_good
	point "make dkms-install leaves it to the package" refused "up to the package" make dkms-install
	point "make dkms-uninstall, too" refused "up to the package" make dkms-uninstall
	point "its module still boots" boots $by_dkms
	point "it is removed" dpkg -r hv-netvsc-dkms
	point "the in-tree driver boots" boots "$intree"
	point "it is purged" dpkg -P hv-netvsc-dkms
	point "nothing is left" nothing_is_left
}

package_versions()
{
	point "a version is installed" dpkg -i /tmp/0.8.0.deb
	point "it boots" boots $by_dkms
	point "the next version takes its place" dpkg -i /tmp/0.8.1.deb
	point "the next one boots" boots $by_dkms
	point "it is the next one" is "$(mark)" one
	point "DKMS has no other" has_only 0.8.1
	point "the same version again" dpkg -i /tmp/0.8.1.deb
	point "it boots again" boots $by_dkms
	point "an older one takes its place" dpkg -i /tmp/0.8.0.deb
	point "the older one boots" boots $by_dkms
	point "it is the older one" is "$(mark)" zero
	point "DKMS has only that" has_only 0.8.0
	point "a version that cannot be built is not installed" not dpkg -i /tmp/0.8.2.deb
	point "the in-tree driver boots then" boots "$intree"
	point "the older one mends it" dpkg -i /tmp/0.8.0.deb
	point "and boots" boots $by_dkms
}

package_kernels()
{
	local new=6.11.9+next-amd64 late=7.19.1+late-amd64
	kernel_package $new
	point "a new kernel is installed" installs $new
	point "it has our module, in its initramfs, too" boots /lib/modules/$new/updates/dkms/hv_netvsc.ko.xz $new
	kernel_package $late
	point "a kernel outside the range is installed" keeps_own $late "is not one of"
	point "the package is upgraded beside the other" dpkg -i /tmp/0.8.1.deb
	point "and boots" boots $by_dkms
	point "so does the new kernel's" boots /lib/modules/$new/updates/dkms/hv_netvsc.ko.xz $new
	point "the other kernel keeps its own" boots /lib/modules/$late/kernel/drivers/net/hyperv/hv_netvsc.ko.xz $late
	point "the kernel with our module is removed" dpkg -P linux-image-$new
	point "all is purged at once" dpkg -P hv-netvsc-dkms linux-image-$late
	point "the in-tree driver boots" boots "$intree"
	rm -rf "/usr/src/linux-headers-$new"* "/usr/src/linux-headers-$late"* "/lib/modules/$new" "/lib/modules/$late"
	point "nothing is left" nothing_is_left
}

package_refused()
{
	local builtin=/lib/modules/$K/modules.builtin
	cp "$builtin" /tmp/builtin
	echo kernel/drivers/net/hyperv/hv_netvsc.ko >>"$builtin"
	point "refused: the driver is built in" not_taken "has its hv_netvsc built in"
	cp /tmp/builtin "$builtin"
	mkdir -p /tmp/kernels /lib/modules/7.19.1+late-amd64/kernel
	mv "/lib/modules/$K" /tmp/kernels/
	point "refused: no kernel in the range" refused "no kernel here can load" dpkg -i "$deb"
	mv "/tmp/kernels/$K" /lib/modules/
	rm -r /lib/modules/7.19.1+late-amd64
	small_driver three
	make modules >$log 2>&1 && make install >>$log 2>&1
	point "refused: a module of make install" refused "of .make install." dpkg -i "$deb"
	make uninstall >$log 2>&1
	make dkms-install >$log 2>&1
	point "refused: a module of make dkms-install" refused "of .make dkms-install." dpkg -i "$deb"
	point "which still boots" boots $by_dkms
	make dkms-uninstall >$log 2>&1
	point "nothing of that is left" nothing_is_left
}

package_secure()
{
	play_kernel
	everything >/tmp/before
	sig_enforce Y
	rm -f /tmp/good
	point "sig_enforce, and DKMS' key is not enrolled: refused" not_taken "is not enrolled"
	echo "DKMS module signing key" >/tmp/good
	point "its key enrolled: installed" dpkg -i /tmp/0.8.1.deb
	point "and boots" boots $by_dkms
	rm /tmp/good
	point "no longer enrolled: an upgrade ends well" dpkg -i /tmp/0.8.0.deb
	point "with the in-tree driver" boots "$intree"
	point "it is purged" dpkg -P hv-netvsc-dkms
	sig_enforce N
	point "nothing is left" nothing_is_left
}
