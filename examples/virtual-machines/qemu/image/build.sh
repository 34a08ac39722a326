#!/bin/sh
# Makes the image that machines boot from, `vmlinuz` and `initramfs`, in the folder named: kernel and busybox of Debian
# packages, which are unpacked and not installed; and `accelerator`, what runs them. Needs no root, but the package lists of a
# recent `apt-get update`.
set -eu
target=$1
here=$(cd "$(dirname "$0")" && pwd)
[ "$target" -nt "$here/init" ] && [ "$target" -nt "$here/build.sh" ] && exit 0

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
apt-get -o APT::Sandbox::User="$(id -un)" download -q "$kernel" busybox-static >&2
for package in *.deb; do dpkg -x "$package" unpacked; done
busybox=$(find "$PWD/unpacked" -name busybox -type f -perm -u+x)

mkdir -p root/bin root/dev root/proc root/sys root/modules root/www/cgi-bin image
cp "$busybox" root/bin/
cp "$here/init" root/init
chmod +x root/init
for module in button evdev \
  virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk failover net_failover virtio_net; do
  found=$(find unpacked -name "$module.ko" -o -name "$module.ko.xz")
  [ -n "$found" ] || { echo "$kernel has no module $module" >&2; exit 1; }
  case $found in *.xz) "$busybox" unxz -c "$found" ;; *) cat "$found" ;; esac >"root/modules/$module.ko"
  echo "$module" >>root/modules/order
done
(cd root && find . | "$busybox" cpio -o -H newc) >image/initramfs 2>/dev/null
cp unpacked/boot/vmlinuz-* image/vmlinuz

# That /dev/kvm is there says little, such as in a machine of a machine: a boot is tried.
echo tcg >image/accelerator
if timeout --signal=KILL 5 qemu-system-x86_64 -nodefaults -no-user-config -display none -accel kvm -m 128 -no-reboot \
  -kernel image/vmlinuz -initrd image/initramfs -append "console=ttyS0 panic=-1 probe=yes" -serial stdio 2>/dev/null |
  grep -q "afoot: loading drivers"; then
  echo kvm:tcg >image/accelerator
fi

# Whoever was quicker made the same.
rm -rf "$target"
mv -T image "$target" 2>/dev/null || [ -e "$target/initramfs" ]
