//! Names as they are looked for and put in order: `lower(unaccent(name))`.

use diesel::sql_types::Text;

diesel::define_sql_function! {
    fn lower(text: Text) -> Text;
}

diesel::define_sql_function! {
    /// Without accents.
    fn unaccent(text: Text) -> Text;
}
