remote() { ssh -o StrictHostKeyChecking=no "$1" "$2"; }
