//! The register of institutions and their notifications.
