//! Which paths the media of a facility's visits may take.

use super::{Result, Tx, run};
use crate::model::FacilityId;
use crate::model::facility::IcePolicy;

impl Tx {
    /// Sets the policy of a facility whose version is `was`; false if it has another by now.
    pub async fn set_media_policy(
        &mut self,
        facility: FacilityId,
        policy: IcePolicy,
        was: i64,
    ) -> Result<bool> {
        let sql = "UPDATE facility SET ice_policy = $2, version = version + 1
            WHERE id = $1 AND version = $3";
        Ok(run!(self, sqlx::query(sql).bind(facility).bind(policy).bind(was)) == 1)
    }
}
