-- Two users for the database "hydra", both over TLS and with a certificate only. The services read and write rows, with
-- [storage] migrate = false; a release begins with "hydra migrate up" as the other one, which makes and alters tables.
CREATE DATABASE IF NOT EXISTS hydra CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS 'hydra_prod'@'%' IDENTIFIED BY 'change-me' REQUIRE X509;
GRANT SELECT, INSERT, UPDATE, DELETE ON hydra.* TO 'hydra_prod'@'%';
CREATE USER IF NOT EXISTS 'hydra_prod_migrate'@'%' IDENTIFIED BY 'change-me-too' REQUIRE X509;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON hydra.* TO 'hydra_prod_migrate'@'%';
