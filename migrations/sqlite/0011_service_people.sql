-- Who offers a service, and who must be there together, are read for one facility at a time.
CREATE INDEX service_clinician_of ON service_clinician (facility_id);
CREATE INDEX service_team_of ON service_team (facility_id);
