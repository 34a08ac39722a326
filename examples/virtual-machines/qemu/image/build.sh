#!/bin/sh
# Builds the boot image in the given folder: `vmlinuz` and `initramfs` from Debian packages of the kernel and busybox, which are
# unpacked but not installed, and `accelerator` with QEMU's accelerator. Needs no root, but the package lists of a recent
# `apt-get update`.
set -eu
export LC_ALL=C
target=$1
here=$(cd "$(dirname "$0")" && pwd)
[ "$target" -nt "$here/init" ] && [ "$target" -nt "$here/build.sh" ] && exit 0

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
apt-get -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 download -q "$kernel" busybox-static >&2
for package in *.deb; do dpkg -x "$package" unpacked; done
busybox=$(find "$PWD/unpacked" -name busybox -type f -perm -u+x)

# Drivers and their dependencies, in load order. A driver without a file is built into the kernel.
modules=$(find "$PWD/unpacked" -path '*/lib/modules/*' -prune)
mkdir -p root/bin root/dev root/proc root/sys root/modules root/www/cgi-bin image
"$busybox" depmod -n -b "${modules%/lib/modules/*}" "${modules##*/}" >dependencies
for driver in button evdev virtio_pci virtio_blk virtio_net; do
  grep "/$driver\.ko[.a-z]*:" dependencies | awk '{ for (i = NF; i > 1; i--) print $i; print substr($1, 1, length($1) - 1) }'
done | awk '!seen[$0]++' | while read -r file; do
  name=$(basename "${file%.xz}")
  case $file in *.xz) "$busybox" unxz -c "$modules/$file" ;; *) cat "$modules/$file" ;; esac >"root/modules/$name"
  echo "$name" >>root/modules/order
done

cp "$busybox" root/bin/
cp "$here/init" root/init
chmod +x root/init
(cd root && find . | "$busybox" cpio -o -H newc) >image/initramfs 2>/dev/null
cp unpacked/boot/vmlinuz-* image/vmlinuz

# Tries a boot with KVM, because /dev/kvm may exist and not work, for example in a nested machine.
echo tcg >image/accelerator
if timeout --signal=KILL 3 qemu-system-x86_64 -nodefaults -no-user-config -display none -accel kvm -m 128 -no-reboot \
  -kernel image/vmlinuz -initrd image/initramfs -append "console=ttyS0 panic=-1 probe=yes" -serial stdio 2>/dev/null |
  grep -q "afoot: loading drivers"; then
  echo kvm:tcg >image/accelerator
fi

# A concurrent build may have finished first with the same result.
rm -rf "$target"
mv -T image "$target" 2>/dev/null || [ -e "$target/initramfs" ]
