//! What the namespace says of itself.

use super::description_writer::DescriptionWriter;
use super::instant::seconds;
use super::request::Inquiry;
use super::xml::{self, ATOM};
use crate::broker::Timestamp;
use crate::namespace;
use crate::tier::Tier;

/// The entry of `$namespaceinfo`; unlike others it has no `published`.
pub(super) fn document(inquiry: &Inquiry, started_at: Timestamp, tier: Tier) -> String {
    let mut info = DescriptionWriter::new("NamespaceInfo");
    let sku = match tier {
        Tier::Basic => "Basic",
        Tier::Standard => "Standard",
        Tier::Premium => "Premium",
    };
    info.put_instant("CreatedTime", started_at)
        .put("MessagingSKU", sku);
    if tier == Tier::Premium {
        info.put("MessagingUnits", 1);
    }
    info.put_instant("ModifiedTime", started_at)
        .put("Name", namespace::NAME)
        .put("NamespaceType", "Messaging");
    let url = inquiry.url();
    let url = xml::text(&url);
    let name = namespace::NAME;
    let mut out = format!(
        "<entry xmlns=\"{ATOM}\"><id>{url}</id><title type=\"text\">{name}</title>\
         <updated>{}</updated><author><name>{name}</name></author>\
         <link rel=\"self\" href=\"{url}\"></link><content type=\"application/xml\">",
        seconds(started_at)
    );
    xml::write(&info.finish(), &mut out);
    out.push_str("</content></entry>");
    out
}
