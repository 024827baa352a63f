//! The loan products on offer, to read.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::here;
use crate::shared::ui::{Empty, PageHeader, Problem, Skeleton, Status, Summary, Tone, Unread};
use leptos::prelude::*;
use tawi_domain::credit_ops::loan_product::LoanProduct;
use tawi_domain::credit_ops::loan_setup::LoanOffer;

/// Every product in its newest version, and the excise duty of the day.
#[server(prefix = "/api", endpoint = "loan_products", client = PortalClient)]
pub async fn products() -> Result<LoanOffer, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| Ok(tawi_bank::credit_ops::loan_setup::offer(&bank, &caller).await?))
        .await
}

/// The page.
#[component]
pub fn LoanProductsPage() -> impl IntoView {
    let list = Resource::new(|| (), |()| products());
    let here = here();
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(offer) if offer.products.is_empty() => view! {
                <Empty icon="hand-coins" head="No loan product yet" words="Head office puts the first one in force."/>
            }
            .into_any(),
            Ok(offer) => {
                let one = |product: LoanProduct| {
                    let status = if product.offered {
                        view! { <Status tone=Tone::Good icon="circle-check" word="On offer"/> }
                    } else {
                        view! { <Status tone=Tone::Quiet icon="circle-x" word="No longer offered"/> }
                    };
                    view! {
                        <section class="max-w-2xl">
                            <div class="sec"><h2>{product.name.clone()}</h2><span class="aside">{format!("{}, version {}", product.code, product.version)}</span></div>
                            <p class="mb-2">{status}</p>
                            <Summary lines=product.summary()/>
                        </section>
                    }
                };
                view! { <Unread names=offer.products.unread/><div class="grid gap-7">{offer.products.rows.into_iter().map(one).collect_view()}</div> }.into_any()
            }
        })
    };
    view! {
        <PageHeader title=here.title crumbs=here.crumbs() facts=|| "A loan keeps the version it was made with."/>
        <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
    }
}
