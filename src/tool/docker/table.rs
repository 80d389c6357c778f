//! Tables as Go's `text/tabwriter` aligns them, with the padding of docker's.
//! Which columns there are is the template's business.

/// Aligns lines whose cells are parted by tabs. The last cell of a line is not padded.
///
/// ```
/// use vethlab::tool::docker::table::align;
///
/// assert_eq!(align("A\tB\nlong name\tx\n", 10), "A           B\nlong name   x\n");
/// ```
pub fn align(text: &str, column_min: usize) -> String {
    const PADDING: usize = 3;
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter(|line| line.len() > column + 1);
        let longest = cells
            .map(|line| line[column].chars().count() + PADDING)
            .max();
        longest.unwrap_or(0).max(column_min)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for line in &lines {
        for (column, cell) in line.iter().enumerate() {
            out.push_str(cell);
            if column + 1 < line.len() {
                let blank = widths[column].saturating_sub(cell.chars().count());
                out.extend(std::iter::repeat_n(' ', blank));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_cell_and_three() {
        let text =
            "NETWORK ID\tNAME\tDRIVER\tSCOPE\nb1f27ac4d0d2\tdocker_gwbridge\tbridge\tlocal\n";
        assert_eq!(
            align(text, 10),
            "NETWORK ID     NAME              DRIVER    SCOPE\nb1f27ac4d0d2   docker_gwbridge   bridge    local\n"
        );
        assert_eq!(
            align(text, 20).lines().next(),
            Some("NETWORK ID          NAME                DRIVER              SCOPE")
        );
    }

    #[test]
    fn an_ellipsis_counts_as_one() {
        assert_eq!(align("a…\tb\n", 1), "a…   b\n");
        assert_eq!(align("", 10), "");
    }
}
