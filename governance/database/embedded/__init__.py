"""The PostgreSQL that comes with the portal: found, started, shared between processes and stopped by the last one."""
