//! What `buf generate` has made of the `.proto` files.

#![allow(missing_docs, clippy::all, clippy::pedantic)]

pub(crate) mod google {
    pub(crate) mod rpc {
        include!("generated/google/rpc/google.rpc.rs");
    }
}

pub(crate) mod playhead {
    pub(crate) mod v1 {
        include!("generated/playhead/v1/playhead.v1.rs");
    }
}
