//! What the region asks of the ways.

use crate::node::sharding::model::{Model, SHARD, hold, quiets, region, turn};
use crate::node::sharding::slot::Way;

#[test]
fn a_way_leads_to_one_region_in_one_epoch_until_it_is_turned_held_or_stranded() {
    let model = Model::new();
    let (routes, there, elsewhere) = (&model.routes, region(&model), region(&model));
    let to = |epoch| turn(routes, routes.way_to(SHARD, epoch, there.clone()));
    assert!(!routes.leads(SHARD, 1, &there));
    to(1);
    assert!(routes.leads(SHARD, 1, &there));
    assert!(!routes.leads(SHARD, 2, &there) && !routes.leads(SHARD, 1, &elsewhere));
    assert_eq!(quiets(routes), 0, "to ask holds nothing up");
    to(2);
    assert!(routes.leads(SHARD, 2, &there) && !routes.leads(SHARD, 1, &there));
    let stranded: Option<Way<_>> = routes.with(SHARD, |slot| slot.strands(2)).flatten();
    assert!(stranded.is_some() && !routes.leads(SHARD, 2, &there));
    to(2);
    hold(routes);
    assert!(!routes.leads(SHARD, 2, &there));
    turn(routes, model.here());
    assert!(!routes.leads(SHARD, 2, &there));
}
