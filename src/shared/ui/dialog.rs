//! Dialogs on the native element: it holds the focus, gives it back, and closes on Escape.

use leptos::html;
use leptos::prelude::*;

/// A modal dialog that is open while a signal says so.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Id of its heading.
    labelled_by: &'static str,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            if open.get() {
                // It fails only when the dialog is open already.
                let _ = dialog.show_modal();
            } else {
                dialog.close();
            }
        }
    });
    view! {
        <dialog
            node_ref=node
            class="pop !fixed m-auto w-full max-w-md p-5 backdrop:bg-neutral/40"
            aria-labelledby=labelled_by
            on:close=move |_| open.set(false)
        >
            {children()}
        </dialog>
    }
}

/// Asks before something that cannot be undone; the button names the act.
#[component]
pub fn Confirm(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The question, naming person and thing.
    #[prop(into)]
    question: Signal<String>,
    /// What follows.
    #[prop(into)]
    consequence: Signal<String>,
    /// Name of the act.
    act: &'static str,
    /// Does it.
    on_confirm: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog open=open labelled_by="confirm-question">
            <h2 id="confirm-question" class="!text-base !leading-6">{question}</h2>
            <p class="text-[.8125rem] text-muted mt-1 mb-3">{consequence}</p>
            <div class="flex justify-end gap-2 mt-4">
                <button class="btn" type="button" on:click=move |_| open.set(false)>"Keep it"</button>
                <button
                    class="btn btn-error"
                    type="button"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {act}
                </button>
            </div>
        </Dialog>
    }
}
