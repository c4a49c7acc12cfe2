-- Revision 0002, part 1: a schema of its own for the queue engine. What follows creates into it.

CREATE SCHEMA lendgate_queue;
REVOKE ALL ON SCHEMA lendgate_queue FROM PUBLIC;
GRANT USAGE ON SCHEMA lendgate_queue TO lendgate_service;
SET LOCAL search_path = lendgate_queue;
