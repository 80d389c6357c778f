//! The error numbers that the kernel answers with, and the C library's words for them.
//! Which operation fails with which is decided where the operation is.

use std::fmt;

macro_rules! errnos {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        /// An error number as Linux has them (asm-generic/errno.h).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Errno {
            $(#[doc = $text] $name = $number,)*
        }

        impl Errno {
            /// What `strerror` of the GNU C library says.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The number on x86-64.
            pub const fn number(self) -> i32 {
                self as i32
            }
        }
    };
}

errnos! {
    Eperm = 1, "Operation not permitted";
    Enoent = 2, "No such file or directory";
    Esrch = 3, "No such process";
    Eintr = 4, "Interrupted system call";
    Eio = 5, "Input/output error";
    Enxio = 6, "No such device or address";
    E2big = 7, "Argument list too long";
    Ebadf = 9, "Bad file descriptor";
    Eagain = 11, "Resource temporarily unavailable";
    Enomem = 12, "Cannot allocate memory";
    Eacces = 13, "Permission denied";
    Ebusy = 16, "Device or resource busy";
    Eexist = 17, "File exists";
    Exdev = 18, "Invalid cross-device link";
    Enodev = 19, "No such device";
    Eisdir = 21, "Is a directory";
    Einval = 22, "Invalid argument";
    Enfile = 23, "Too many open files in system";
    Emfile = 24, "Too many open files";
    Enospc = 28, "No space left on device";
    Emlink = 31, "Too many links";
    Epipe = 32, "Broken pipe";
    Edom = 33, "Numerical argument out of domain";
    Erange = 34, "Numerical result out of range";
    Eloop = 40, "Too many levels of symbolic links";
    Exfull = 54, "Exchange full";
    Enonet = 64, "Machine is not on the network";
    Eproto = 71, "Protocol error";
    Ebadmsg = 74, "Bad message";
    Edestaddrreq = 89, "Destination address required";
    Emsgsize = 90, "Message too long";
    Enoprotoopt = 92, "Protocol not available";
    Eprotonosupport = 93, "Protocol not supported";
    Eopnotsupp = 95, "Operation not supported";
    Eafnosupport = 97, "Address family not supported by protocol";
    Eaddrinuse = 98, "Address already in use";
    Eaddrnotavail = 99, "Cannot assign requested address";
    Enetdown = 100, "Network is down";
    Enetunreach = 101, "Network is unreachable";
    Econnaborted = 103, "Software caused connection abort";
    Econnreset = 104, "Connection reset by peer";
    Enobufs = 105, "No buffer space available";
    Eisconn = 106, "Transport endpoint is already connected";
    Enotconn = 107, "Transport endpoint is not connected";
    Etimedout = 110, "Connection timed out";
    Econnrefused = 111, "Connection refused";
    Ehostdown = 112, "Host is down";
    Ehostunreach = 113, "No route to host";
    Ealready = 114, "Operation already in progress";
    Einprogress = 115, "Operation now in progress";
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for Errno {}
