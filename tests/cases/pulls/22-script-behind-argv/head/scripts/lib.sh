remote() { ssh -o BatchMode=yes "$1" "$2"; }
