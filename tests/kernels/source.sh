# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A kernel of the tests from Debian's source of it and NAME.config, built once, into
#   $HVNETVSC_CACHE/kernels/NAME/{vmlinux,bzImage,config,release,lib/modules}
# keyed by the source package's version, the configuration, the patch and the recipe number
# below (raise it when a change of this file changes what is built).
#
# build-debug and build-outer are this with a name of the kernel, about how many objects it
# has, and what else is kept (build_tree=build: the tree for external modules). They may have
#   newer_source=1   the source of the kernel that tests/kernels/fetch takes for 7.x, not of 6.12
#   fragments=(...)  the configuration is of these; the last line of an option holds
#   source_patch=FILE  is applied to the source, as it is
#
# exit:  0 cache good, 1 failed, 2 usage, 3 (--check) must be built, 77 (newer_source) no source at hand
# shellcheck disable=SC2154  # name, objects, build_tree are the script's
set -u
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recipe=1
source_pkg=linux-source-6.12
apt_words=()

. "$here/apt.sh"
. "$here/../jobs.sh"

say() { echo "$name kernel: $*" >&2; }
die() { say "$*"; exit 1; }

case ${1-} in
"" | --check) ;;
*) sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2 ;;
esac
dest=$cache/kernels/$name
parts=("${fragments[@]-$name.config}")
fragments=("${parts[@]/#/$here/}")
source_patch=${source_patch:+$here/$source_patch}

version_of() { apt-cache "${apt_words[@]}" show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p' | head -n 1; }

use_newer()
{
	local release
	apt_words=("${APT_NEWER[@]}" -o "APT::Default-Release=$NEWER-backports")
	mkdir -p "$cache/foreign" || die "cannot write to $cache"
	exec 8>"$cache/foreign/.lock"
	flock 8
	newer_lists 8>&-
	exec 8>&-
	release=$(apt-cache "${apt_words[@]}" depends linux-image-amd64 2>/dev/null |
		sed -n 's/^ *Depends: linux-image-\([0-9]*\.[0-9]*\)\..*/\1/p' | head -n 1)
	source_pkg=linux-source-${release:-7}
}

version=
if [ -z "${newer_source-}" ]; then
	version=$(version_of "$source_pkg")
elif [ -z "${1-}" ]; then
	# Who only looks asks nobody for a newer source: apt takes its time with those lists.
	use_newer
	version=$(version_of "$source_pkg")
fi
if [ -z "$version" ]; then
	# Without package lists a cache that is there stays good for its own version.
	version=$(sed -n 's/^version=//p' "$dest/stamp" 2>/dev/null)
	if [ -z "$version" ] && [ -n "${newer_source-}" ]; then
		[ -z "${1-}" ] || exit 3
		say "no source of a kernel of $NEWER-backports: is there a network?"
		exit 77
	fi
	[ -n "$version" ] || die "package $source_pkg is unknown: run 'apt-get update' (suite bookworm-security)"
fi
key=$( (echo "$version $recipe"; cat "${fragments[@]}" ${source_patch:+"$source_patch"}) | sha256sum | cut -c1-32)

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
if ! (cd "$work" && apt-get "${apt_words[@]}" download "$source_pkg=$version" >apt.log 2>&1); then
	say "download of $source_pkg did not work: $(tail -n 1 "$work/apt.log" 2>/dev/null)"
	[ -z "${newer_source-}" ] || exit 77
	exit 1
fi
dpkg-deb -x "$work"/"$source_pkg"_*.deb "$work/deb" || die "broken package $source_pkg"
# The driver that this project replaces is left out: nobody needs it here.
mkdir "$work/src" &&
	tar -xJf "$work/deb/usr/src/$source_pkg.tar.xz" -C "$work/src" --strip-components=1 \
		--exclude='*/drivers/net/hyperv' || die "broken source archive"
rm -rf "$work/deb" "$work"/*.deb
mkdir -p "$work/src/drivers/net/hyperv"
: >"$work/src/drivers/net/hyperv/Kconfig"
: >"$work/src/drivers/net/hyperv/Makefile"
[ -z "$source_patch" ] || patch -s -p1 -F0 -d "$work/src" <"$source_patch" >&2 ||
	die "${source_patch##*/} does not fit $source_pkg $version"
# The last line of an option holds, at the place of the first.
awk -F = '/^CONFIG_/ { if (!($1 in line)) order[++n] = $1; line[$1] = $0 }
	END { for (i = 1; i <= n; i++) print line[order[i]] }' "${fragments[@]}" >"$work/options"

kmake() { make -s -C "$work/src" O="$work/obj" "$@"; }

kmake KCONFIG_ALLCONFIG="$work/options" allnoconfig >"$work/config.log" 2>&1 ||
	die "config step failed: $(tail -n 1 "$work/config.log")"
missing=
while IFS= read -r line; do
	case $line in
	CONFIG_*=n) if grep -q "^${line%=n}=" "$work/obj/.config"; then missing+=" ${line}"; fi ;;
	CONFIG_*) grep -qxF -- "$line" "$work/obj/.config" || missing+=" $line" ;;
	esac
done <"$work/options"
[ -z "$missing" ] || die "this source does not take these options of ${parts[*]}:$missing"

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
