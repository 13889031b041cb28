# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A kernel of the tests from Debian's linux-source-6.12 and NAME.config, built once, into
#   $HVNETVSC_CACHE/kernels/NAME/{vmlinux,bzImage,config,release,lib/modules}
# keyed by the source package's version, the config fragment and the recipe number
# below (raise it when a change of this file changes what is built).
#
# build-debug and build-outer are this with a name of the kernel, about how many objects it
# has, and what else is kept (build_tree=build: the tree for external modules).
#
# exit:  0 cache good, 1 failed, 2 usage, 3 (--check) must be built
# shellcheck disable=SC2154  # name, objects, build_tree are the script's
set -u
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recipe=1
cache=${HVNETVSC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hv_netvsc}
source_pkg=linux-source-6.12

. "$here/../jobs.sh"

say() { echo "$name kernel: $*" >&2; }
die() { say "$*"; exit 1; }

case ${1-} in
"" | --check) ;;
*) echo "usage: build-$name [--check]" >&2; exit 2 ;;
esac
dest=$cache/kernels/$name
fragment=$here/$name.config

version=$(apt-cache show --no-all-versions "$source_pkg" 2>/dev/null |
	sed -n 's/^Version: //p' | head -n 1)
if [ -z "$version" ]; then
	# Without package lists a cache that is there stays good for its own version.
	version=$(sed -n 's/^version=//p' "$dest/stamp" 2>/dev/null)
	[ -n "$version" ] || die "package $source_pkg is unknown: run 'apt-get update' (suite bookworm-security)"
fi
key=$( (echo "$version $recipe"; cat "$fragment") | sha256sum | cut -c1-32)

complete() {
	local f
	[ "$(sed -n 's/^key=//p' "$dest/stamp" 2>/dev/null)" = "$key" ] || return 1
	for f in vmlinux bzImage config release ${build_tree:+build/Module.symvers build/include/generated/autoconf.h}; do
		[ -s "$dest/$f" ] || return 1
	done
	[ -s "$dest/lib/modules/$(cat "$dest/release")/modules.dep" ]
}

if complete; then exit 0; fi
if [ "${1-}" = --check ]; then exit 3; fi

mkdir -p "$cache/kernels" || die "cannot write to $cache"
exec 9>"$cache/kernels/$name.lock"
if ! flock -n 9; then
	say "another process builds it: waiting"
	flock 9
	if complete; then exit 0; fi
fi

work=$(mktemp -d "$cache/kernels/.$name.XXXXXX") || die "cannot write to $cache/kernels"
cleanup() {
	job_stop
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

avail=$(df -Pm "$work" | awk 'NR==2 { print $4 }')
[ "$avail" -ge 5000 ] || die "needs 5000 MB free in $cache, there are $avail"

start=$SECONDS
say "source $version (about 150 MB) ..."
(cd "$work" && apt-get download "$source_pkg=$version" >apt.log 2>&1) ||
	die "download of $source_pkg did not work: $(tail -n 1 "$work/apt.log" 2>/dev/null)"
dpkg-deb -x "$work"/"$source_pkg"_*.deb "$work/deb" || die "broken package $source_pkg"
# The driver that this project replaces is left out: nobody needs it here.
mkdir "$work/src" &&
	tar -xJf "$work/deb/usr/src/$source_pkg.tar.xz" -C "$work/src" --strip-components=1 \
		--exclude='*/drivers/net/hyperv' || die "broken source archive"
rm -rf "$work/deb" "$work"/*.deb
mkdir -p "$work/src/drivers/net/hyperv"
: >"$work/src/drivers/net/hyperv/Kconfig"
: >"$work/src/drivers/net/hyperv/Makefile"

kmake() { make -s -C "$work/src" O="$work/obj" "$@"; }

kmake KCONFIG_ALLCONFIG="$fragment" allnoconfig >"$work/config.log" 2>&1 ||
	die "config step failed: $(tail -n 1 "$work/config.log")"
missing=
while IFS= read -r line; do
	case $line in
	CONFIG_*=n) if grep -q "^${line%=n}=" "$work/obj/.config"; then missing+=" ${line}"; fi ;;
	CONFIG_*) grep -qxF -- "$line" "$work/obj/.config" || missing+=" $line" ;;
	esac
done <"$fragment"
[ -z "$missing" ] || die "this source does not take these options of $name.config:$missing"

build() { kmake -j"$(nproc)" bzImage modules >"$work/build.log" 2>&1 9>&-; }
job_start build build
until job_over build 15; do
	say "building, $((SECONDS - start)) s, $(find "$work/obj" -name '*.o' | wc -l) objects of about $objects"
done
if ! job_wait build; then
	grep -E 'error|Error' "$work/build.log" | head -n 5 >&2
	cp "$work/build.log" "$cache/kernels/$name-build.log"
	die "build failed, log: $cache/kernels/$name-build.log"
fi

new=$work/new
mkdir "$new"
kmake INSTALL_MOD_PATH="$new" modules_install >>"$work/build.log" 2>&1 || die "modules_install failed"
if [ -n "$build_tree" ]; then
	kmake run-command KBUILD_RUN_COMMAND="\$(srctree)/scripts/package/install-extmod-build $new/$build_tree" \
		>>"$work/build.log" 2>&1 || die "the tree for external modules could not be made"
fi
release=$(cat "$work/obj/include/config/kernel.release")
rm -f "$new/lib/modules/$release/build" "$new/lib/modules/$release/source"
cp "$work/obj/vmlinux" "$new/vmlinux" && cp "$work/obj/arch/x86/boot/bzImage" "$new/bzImage" &&
	cp "$work/obj/.config" "$new/config" && cp "$work/obj/System.map" "$new/" &&
	echo "$release" >"$new/release" &&
	printf 'key=%s\nversion=%s\n' "$key" "$version" >"$new/stamp" || die "copy failed: disk full?"
rm -rf "$dest" && mv "$new" "$dest" || die "cannot replace $dest"
complete || die "result is incomplete"
say "ready after $((SECONDS - start)) s: $release"
