#!/bin/sh
# Installs the transfer of recordings on a BigBlueButton server. DESTDIR installs below another root.
set -eu
cd "$(dirname "$0")"
root=${DESTDIR:-}
scripts=$root/usr/local/bigbluebutton/core/scripts/post_publish
lib=$root/usr/local/lib/scalelite
install -d "$scripts" "$lib/scalelite" "$root/usr/local/bin" "$root/etc/systemd/system" "$root/etc/bigbluebutton"
install -m 755 post_publish_scalelite.rb "$scripts/"
install -m 644 lib/scalelite.rb README.md "$lib/"
install -m 644 lib/scalelite/*.rb "$lib/scalelite/"
install -m 755 bin/* "$root/usr/local/bin/"
install -m 644 systemd/* "$root/etc/systemd/system/"
settings=$root/etc/bigbluebutton/scalelite.yml
for there in "$settings" "$root/usr/local/bigbluebutton/core/scripts/scalelite.yml"; do
  [ ! -e "$there" ] || settings=
done
[ -z "$settings" ] || install -m 644 scalelite.yml "$settings"
# Both would send each recording.
old=$scripts/scalelite_post_publish.rb
[ ! -e "$old" ] || mv "$old" "$old.replaced"
if [ -z "$root" ]; then
  install -d -o bigbluebutton -g bigbluebutton /var/bigbluebutton/recording/scalelite
  systemctl daemon-reload
  systemctl enable --now scalelite-transfer.timer
fi
