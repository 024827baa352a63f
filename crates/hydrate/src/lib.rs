//! The portal's entry point in the browser: everything is in `tawi`.

#[cfg(target_arch = "wasm32")]
mod entry {
    /// Called by the page once the module is there.
    #[wasm_bindgen::prelude::wasm_bindgen]
    pub fn hydrate() {
        tawi::browser::hydrate();
    }
}
