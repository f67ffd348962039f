#!/bin/sh
# Collects git, ssh and gpg with the libraries they need, for an image that has nothing but glibc.
#
#   collect-tools.sh FOLDER
#
# Leaves FOLDER/usr, to be copied over /usr, and FOLDER/sh. Runs on the Debian release the image is made of.
set -eu

folder=$1
triplet=$(dirname "$(ldd /usr/bin/git | sed -n 's|.*=> .*/lib/\(.*/libc\.so\.6\).*|\1|p')")
mkdir -p "$folder/usr/bin" "$folder/usr/lib/git-core" "$folder/usr/lib/$triplet" \
  "$folder/usr/share/git-core/templates"

# Of glibc and the compiler: the image has them, and they must be of one build.
is_of_the_base() {
  case $(basename "$1") in
    ld-linux* | libc.so* | libm.so* | libdl.so* | libpthread.so* | librt.so* | libresolv.so* | libutil.so* | libanl.so*) ;;
    libgcc_s.so* | libstdc++.so*) ;;
    *) return 1 ;;
  esac
}

libraries_of() {
  ldd "$1" | sed -n 's|.*=> \(/[^ ]*\) .*|\1|p'
}

collect() {
  cp --dereference "$1" "$2"
  for library in $(libraries_of "$1"); do
    place=$folder/usr/lib/$triplet/$(basename "$library")
    is_of_the_base "$library" || [ -e "$place" ] || cp --dereference "$library" "$place"
  done
}

# setsid lets a deadline end what git started.
for program in git ssh ssh-keygen gpg setsid; do
  collect "$(command -v "$program")" "$folder/usr/bin/$program"
done
# Everything else of git is git itself.
collect /usr/lib/git-core/git-remote-http "$folder/usr/lib/git-core/git-remote-http"
ln -s git-remote-http "$folder/usr/lib/git-core/git-remote-https"
# git starts ssh through it. It reads no file of a tenant, and nothing here but git knows it.
collect "$(command -v dash)" "$folder/sh"
